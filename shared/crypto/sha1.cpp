#include "crypto/sha1.h"

#include <sha1dc/sha1.h>

namespace ashlar::crypto {

struct Sha1::State {
    SHA1_CTX context;
};

Sha1::Sha1(CollisionDetection detection) : state_(std::make_unique<State>()) {
    SHA1DCInit(&state_->context);
    int on = detection == CollisionDetection::on ? 1 : 0;
    SHA1DCSetSafeHash(&state_->context, 0);
    SHA1DCSetUseUBC(&state_->context, 1);
    SHA1DCSetUseDetectColl(&state_->context, on);
}

Sha1::~Sha1() = default;
Sha1::Sha1(Sha1&&) noexcept = default;
Sha1& Sha1::operator=(Sha1&&) noexcept = default;
Sha1::Sha1(const Sha1& other) : state_(std::make_unique<State>(*other.state_)) {}
Sha1& Sha1::operator=(const Sha1& other) {
    if (this != &other) *state_ = *other.state_;
    return *this;
}

Sha1& Sha1::update(ByteView bytes) {
    SHA1DCUpdate(&state_->context, reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return *this;
}

Expected<Sha1Digest> Sha1::finish() {
    Sha1Digest digest;
    if (SHA1DCFinal(digest.data(), &state_->context) != 0) {
        return fail(ErrorCode::invalid,
                    "SHA-1 collision attack detected in object " + to_hex(digest));
    }
    return digest;
}

}  // namespace ashlar::crypto
