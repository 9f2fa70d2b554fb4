#include "chain/ref_receipt.h"

namespace ashlar::chain {

Expected<ProvenRef> verify_receipt(const forge::Genesis& genesis, const RefReceipt& receipt,
                                   const consensus::Verifier& verifier) {
    ASHLAR_TRY(LightClient client, LightClient::from_genesis(genesis));
    for (const EpochChange& change : receipt.changes) {
        ASHLAR_CHECK(client.follow(change, verifier));
    }
    return verify_sealed(client.trust(), receipt.sealed, verifier);
}

}  // namespace ashlar::chain
