#include "crypto/ssh.h"

#include "base/base64.h"
#include "crypto/sha2.h"

namespace ashlar::crypto {
namespace {

constexpr std::string_view kKeyType = "ssh-ed25519";
constexpr std::string_view kMagic = "SSHSIG";
constexpr std::uint32_t kVersion = 1;
constexpr std::string_view kBegin = "-----BEGIN SSH SIGNATURE-----";
constexpr std::string_view kEnd = "-----END SSH SIGNATURE-----";

void append_string(Bytes& to, ByteView bytes) {
    append_big_endian_32(to, static_cast<std::uint32_t>(bytes.size()));
    append(to, bytes);
}

// SSH's binary packets: a string is its length in 4 bytes, and so many bytes.
class Fields {
  public:
    explicit Fields(ByteView bytes) : rest_(bytes) {}
    Expected<ByteView> take(std::size_t size) {
        if (size > rest_.size()) return fail(ErrorCode::invalid, "an SSH field ends early");
        ByteView taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }
    Expected<std::uint32_t> number() {
        ASHLAR_TRY(ByteView bytes, take(sizeof(std::uint32_t)));
        return read_big_endian_32(bytes);
    }
    Expected<ByteView> string() {
        ASHLAR_TRY(const std::uint32_t size, number());
        return take(size);
    }
    Expected<void> end() const {
        if (rest_.empty()) return {};
        return fail(ErrorCode::invalid, "bytes behind the last SSH field");
    }

  private:
    ByteView rest_;
};

Expected<void> expect_key_type(Fields& fields, std::string_view what) {
    ASHLAR_TRY(const ByteView type, fields.string());
    if (as_text(type) == kKeyType) return {};
    return fail(ErrorCode::unsupported,
                std::string(what) + ": only keys of the kind ssh-ed25519 are known here");
}

Expected<PublicKey> parse_key_blob(ByteView blob, std::string_view what) {
    Fields fields(blob);
    ASHLAR_CHECK(expect_key_type(fields, what));
    ASHLAR_TRY(const ByteView key, fields.string());
    ASHLAR_CHECK(fields.end());
    return PublicKey::from_bytes(key);
}

Bytes key_blob(const PublicKey& key) {
    Bytes blob;
    append_string(blob, as_bytes(kKeyType));
    append_string(blob, key.view());
    return blob;
}

bool is_blank(char character) {
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// The base64 between the BEGIN and END lines, in one piece.
Expected<std::string> unarmored(std::string_view armored) {
    armored = trimmed(armored);
    if (!armored.starts_with(kBegin) || !armored.ends_with(kEnd) ||
        armored.size() < kBegin.size() + kEnd.size()) {
        return fail(ErrorCode::invalid, "an SSH signature has a BEGIN and an END line");
    }
    armored.remove_prefix(kBegin.size());
    armored.remove_suffix(kEnd.size());
    if (armored.empty() || !is_blank(armored.front()) || !is_blank(armored.back())) {
        return fail(ErrorCode::invalid, "an SSH signature's lines are not apart");
    }
    std::string text;
    for (char character : armored) {
        if (!is_blank(character)) text.push_back(character);
    }
    return text;
}

Bytes hash_by(std::string_view algorithm, ByteView message) {
    if (algorithm == "sha256") return to_bytes(ByteView(sha256(message)));
    return to_bytes(ByteView(sha512(message)));
}

}  // namespace

Expected<PublicKey> parse_ssh_public_key(std::string_view line) {
    if (line.size() > kSshKeyLineSizeMax) {
        return fail(ErrorCode::limit_exceeded,
                    "an SSH key has at most " + std::to_string(kSshKeyLineSizeMax) + " bytes");
    }
    line = trimmed(line);
    if (line.find('\n') != std::string_view::npos) {
        return fail(ErrorCode::invalid, "an SSH key stands on one line");
    }
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) {
        return fail(ErrorCode::invalid, "an SSH key is \"ssh-ed25519 BASE64 [comment]\"");
    }
    const std::string_view type = line.substr(0, space);
    if (type != kKeyType) {
        return fail(ErrorCode::unsupported,
                    "only keys of the kind ssh-ed25519 are taken (ssh-keygen -t ed25519)");
    }
    std::string_view rest = trimmed(line.substr(space));
    rest = rest.substr(0, rest.find(' '));
    ASHLAR_TRY(const Bytes blob, from_base64(rest));
    return parse_key_blob(blob, "the SSH key");
}

std::string format_ssh_public_key(const PublicKey& key) {
    return std::string(kKeyType) + " " + to_base64(key_blob(key));
}

std::string ssh_fingerprint(const PublicKey& key) {
    std::string text = to_base64(sha256(key_blob(key)));
    while (text.ends_with('=')) text.pop_back();
    return "SHA256:" + text;
}

Expected<SshSignature> parse_ssh_signature(std::string_view armored) {
    if (armored.size() > kSshSignatureSizeMax) {
        return fail(ErrorCode::limit_exceeded, "an SSH signature has at most " +
                                                   std::to_string(kSshSignatureSizeMax) + " bytes");
    }
    ASHLAR_TRY(const std::string text, unarmored(armored));
    ASHLAR_TRY(const Bytes blob, from_base64(text));
    Fields fields(blob);
    ASHLAR_TRY(const ByteView magic, fields.take(kMagic.size()));
    if (as_text(magic) != kMagic) return fail(ErrorCode::invalid, "it is no SSH signature");
    ASHLAR_TRY(const std::uint32_t version, fields.number());
    if (version != kVersion) {
        return fail(ErrorCode::unsupported,
                    "an SSH signature of version " + std::to_string(version));
    }
    SshSignature signature;
    ASHLAR_TRY(const ByteView key, fields.string());
    ASHLAR_TRY(signature.key, parse_key_blob(key, "the SSH signature"));
    ASHLAR_TRY(const ByteView name_space, fields.string());
    signature.name_space = as_text(name_space);
    ASHLAR_TRY(const ByteView reserved, fields.string());
    signature.reserved = to_bytes(reserved);
    ASHLAR_TRY(const ByteView algorithm, fields.string());
    signature.hash_algorithm = as_text(algorithm);
    if (signature.hash_algorithm != "sha256" && signature.hash_algorithm != "sha512") {
        return fail(ErrorCode::unsupported, "an SSH signature over another hash than SHA-2");
    }
    ASHLAR_TRY(const ByteView inner, fields.string());
    ASHLAR_CHECK(fields.end());
    Fields inner_fields(inner);
    ASHLAR_CHECK(expect_key_type(inner_fields, "the SSH signature"));
    ASHLAR_TRY(const ByteView raw, inner_fields.string());
    ASHLAR_CHECK(inner_fields.end());
    ASHLAR_TRY(signature.signature, Signature::from_bytes(raw));
    return signature;
}

bool verify(const SshSignature& signature, std::string_view name_space, ByteView message) {
    if (signature.name_space != name_space) return false;
    Bytes is_signed = to_bytes(kMagic);
    append_string(is_signed, as_bytes(signature.name_space));
    append_string(is_signed, signature.reserved);
    append_string(is_signed, as_bytes(signature.hash_algorithm));
    append_string(is_signed, hash_by(signature.hash_algorithm, message));
    return verify(signature.key, is_signed, signature.signature);
}

}  // namespace ashlar::crypto
