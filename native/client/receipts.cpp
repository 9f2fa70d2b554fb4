#include "native/client/receipts.h"

namespace ashlar::client {

Expected<codec::RefReceipt> fetch_receipt(const HttpClient& server,
                                          const RepositoryAddress& address, const std::string& ref,
                                          const forge::Genesis& genesis,
                                          chain::LightClient& light) {
    codec::RefReceipt receipt;
    ASHLAR_TRY(ProvenOneRef proven, prove_ref(server, address, ref, light));
    receipt.sealed = std::move(proven.sealed);
    const ledger::Epoch epoch = receipt.sealed.finalized.header.epoch;
    for (ledger::Epoch past(0); past < epoch; past = past.next()) {
        ASHLAR_TRY(auto change, fetch_epoch_change(server, past));
        receipt.changes.push_back(std::move(change));
    }
    ASHLAR_CHECK(chain::verify_receipt(genesis, receipt, consensus::Ed25519Verifier()));
    return receipt;
}

}  // namespace ashlar::client
