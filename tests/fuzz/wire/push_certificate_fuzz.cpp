// A push certificate as it stands between push-cert and push-cert-end. What is taken comes back
// byte for byte, and keeps to its limits.
#include <cstdlib>

#include "crypto/ssh.h"
#include "git/wire/push_certificate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ashlar;
    const ByteView bytes(data, size);
    const auto certificate = git::parse_push_certificate(bytes);
    if (!certificate) return 0;
    if (certificate->whole() != to_bytes(bytes)) std::abort();
    if (certificate->commands.empty() || certificate->pusher.empty()) std::abort();
    if (certificate->push_options.size() > git::kPushCertificateOptionsMax) std::abort();
    if (!certificate->is_signed_by_ssh()) return 0;
    const auto signature = crypto::parse_ssh_signature(as_text(certificate->signature));
    if (signature) crypto::verify(*signature, "git", certificate->text);
    return 0;
}
