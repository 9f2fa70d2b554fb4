// Receipts: files that show, by the genesis alone, what a ref was at a height.
#pragma once

#include "native/client/proven_refs.h"

namespace ashlar::client {

// Of the newest state, checked as it will be checked offline. Fails as prove_ref() does.
Expected<codec::RefReceipt> fetch_receipt(const HttpClient& server,
                                          const RepositoryAddress& address, const std::string& ref,
                                          const forge::Genesis& genesis, chain::LightClient& light);

}  // namespace ashlar::client
