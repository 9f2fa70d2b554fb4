#include "native/validator/anchor.h"

#include "chain/state_reader.h"
#include "chain/voters.h"

namespace ashlar::validator {

Expected<consensus::ValidatorSet> validators_in(const KeyValueReader& rows) {
    ASHLAR_TRY(const auto validators, codec::RecordState(rows).validators());
    return chain::voters_of(validators);
}

std::map<crypto::PublicKey, std::string> names_in(const KeyValueReader& rows) {
    std::map<crypto::PublicKey, std::string> names;
    const auto validators = codec::RecordState(rows).validators();
    if (!validators) return names;
    for (const forge::Validator& validator : validators->validators) {
        names.emplace(validator.key, validator.name);
    }
    return names;
}

Expected<consensus::Anchor> load_anchor(const KeyValue& store) {
    const chain::StateReader state(std::shared_ptr<const KeyValueReader>(store.snapshot()));
    ASHLAR_TRY(const ledger::BlockHeader header, state.head());
    ASHLAR_TRY(const ledger::BlockDigest digest, state.head_digest());
    ASHLAR_TRY(auto validators, validators_in(state.rows()));
    if (header.height == ledger::Height(0)) {
        return consensus::Anchor{
            {header.epoch, ledger::View(0)}, header.height, digest, validators, std::nullopt};
    }
    ASHLAR_TRY(const chain::StoredBlock stored, state.block(header.height));
    if (!stored.finalization) {
        return fail(ErrorCode::corrupt, "block " + std::to_string(header.height.value) +
                                            " has no certificate; restore the data folder from a "
                                            "backup");
    }
    // The last block of an epoch is the root of the next one.
    const ledger::Round round = header.next_validators
                                    ? ledger::Round{header.epoch.next(), ledger::View(0)}
                                    : stored.finalization->subject.round();
    return consensus::Anchor{round, header.height, digest, validators, stored.finalization};
}

}  // namespace ashlar::validator
