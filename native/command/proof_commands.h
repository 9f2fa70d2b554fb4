// The commands that check what others show: verify, receipt.
#pragma once

#include <optional>
#include <string>

#include "native/client/max_age.h"

namespace ashlar::native {

struct VerifyOptions {
    std::string what;  // a repository's URL, or the file of a receipt
    std::optional<std::string> genesis;
    std::uint64_t max_age_seconds = client::kMaxAgeSecondsDefault;
    bool json = false;
};
int verify(const VerifyOptions& options);

struct ReceiptOptions {
    std::string url;
    std::string ref = "HEAD";
    std::string output = "ashlar.receipt";
    std::optional<std::string> genesis;
    bool json = false;
};
int fetch_receipt(const ReceiptOptions& options);

}  // namespace ashlar::native
