// An armored SSH signature, or the line of an SSH public key, as they come from outside. A key that
// is taken is written as one that is taken again, as the same.
#include <cstdlib>

#include "crypto/ssh.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ashlar;
    const std::string_view text = as_text(ByteView(data, size));
    const auto signature = crypto::parse_ssh_signature(text);
    if (signature) {
        if (signature->hash_algorithm != "sha256" && signature->hash_algorithm != "sha512") {
            std::abort();
        }
        crypto::verify(*signature, signature->name_space, as_bytes("hello\n"));
    }
    const auto key = crypto::parse_ssh_public_key(text);
    if (!key) return 0;
    const auto again = crypto::parse_ssh_public_key(crypto::format_ssh_public_key(*key));
    if (!again || *again != *key) std::abort();
    if (!crypto::ssh_fingerprint(*key).starts_with("SHA256:")) std::abort();
    return 0;
}
