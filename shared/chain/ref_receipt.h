// Receipts: a ref proof with every change of the validators since the genesis, so that it holds by
// the genesis alone.
#pragma once

#include "chain/light_client.h"

namespace ashlar::chain {

using codec::RefReceipt;

// What the receipt shows: at its header's height the ref was that, or there was none. Nothing but
// the genesis is trusted. Fails with `invalid`, naming the link that does not hold.
Expected<ProvenRef> verify_receipt(const forge::Genesis& genesis, const RefReceipt& receipt,
                                   const consensus::Verifier& verifier);

}  // namespace ashlar::chain
