#include "golden_values.h"

namespace ashlar::codec {
namespace {

TEST(CodecGolden, records_keep_their_bytes) {
    expect_golden("account", sample_account(), decode_account);
    expect_golden("account_empty", forge::Account{}, decode_account);
    expect_golden("token", sample_token(), decode_token);
    expect_golden("ssh_key", sample_ssh_key(), decode_ssh_key);
    expect_golden("repository", sample_repository(), decode_repository);
    expect_golden("repository_empty", forge::Repository{}, decode_repository);
    expect_golden("pack_reference", sample_pack(), decode_pack_reference);
    expect_golden("counters", sample_counters(), decode_counters);
    forge::Counters with_ssh_keys = sample_counters();
    with_ssh_keys.last_ssh_key = forge::SshKeyId(4);
    expect_golden("counters_with_ssh_keys", with_ssh_keys, decode_counters);
    expect_golden("settings", forge::Settings{}, decode_settings);
    expect_golden("validator_set", sample_validators(), decode_validator_set);
    expect_golden("closed_epoch", sample_closed_epoch(), decode_closed_epoch);
    expect_golden("transaction_record", sample_record(), decode_transaction_record);
}

TEST(CodecGolden, genesis_blocks_and_certificates_keep_their_bytes) {
    expect_golden("genesis", sample_genesis(), decode_genesis);
    expect_golden("block_header", sample_header(), decode_block_header);
    expect_golden("block_header_empty", ledger::BlockHeader{}, decode_block_header);
    expect_golden("block", sample_block(), decode_block);
    expect_golden("certificate", sample_certificate(), decode_certificate);
}

TEST(CodecGolden, transactions_keep_their_bytes) {
    for (const NamedAction& sample : sample_actions()) {
        const auto decode = [](ByteView bytes) -> Expected<forge::SignedTransaction> {
            ASHLAR_TRY(DecodedTransaction decoded, decode_transaction(bytes));
            return decoded.signed_transaction;
        };
        expect_golden(std::string("transaction_") + sample.name, sample_transaction(sample.action),
                      decode);
    }
}

TEST(CodecGolden, proofs_keep_their_bytes) {
    expect_golden("repository_proof", sample_repository_proof(), decode_repository_proof);
    expect_golden("absence_proof", sample_absence_proof(), decode_repository_proof);
    expect_golden("ref_proof", sample_ref_proof(), decode_ref_proof);
    expect_golden("ref_list_proof", sample_ref_list_proof(), decode_ref_list_proof);
    expect_golden("finalized_header", sample_finalized_header(), decode_finalized_header);
    expect_golden("sealed_ref_proof", sample_sealed_ref_proof(), decode_sealed_ref_proof);
}

TEST(CodecGolden, digests_stay_what_they_are) {
    EXPECT_GOLDEN("codec/digest_chain_id.hex", chain_id_of(sample_genesis()).digest.bytes);
    EXPECT_GOLDEN("codec/digest_block.hex", digest_of(sample_header()).digest.bytes);
    EXPECT_GOLDEN("codec/digest_transaction.hex",
                  id_of(sample_transaction(sample_push()).transaction).digest.bytes);
}

TEST(CodecGolden, transaction_lists_and_ref_values_come_back) {
    const std::vector<Bytes> transactions = sample_block().transactions;
    EXPECT_EQ(*decode_transactions(encode_transactions(transactions)), transactions);
    EXPECT_EQ(*decode_transactions(encode_transactions({})), std::vector<Bytes>{});
    const git::Ref plain{"refs/heads/main", sample_object(1), std::nullopt};
    const git::Ref peeled{"refs/tags/v1", sample_object(1), sample_object(2)};
    EXPECT_EQ(*decode_ref_value(plain.name, encode_ref_value(plain)), plain);
    EXPECT_EQ(*decode_ref_value(peeled.name, encode_ref_value(peeled)), peeled);
}

}  // namespace
}  // namespace ashlar::codec
