#include "crypto/sha1.h"

#include <sha1dc/sha1.h>
#include <sha1dc/ubc_check.h>

#include <algorithm>
#include <cstring>

#include "crypto/sha1_blocks.h"

namespace ashlar::crypto {
namespace {

using sha1_blocks::kBlockSize;
using sha1_blocks::kLaneCount;

// From so many blocks on, looking at sixteen at once costs less than looking at each.
constexpr std::size_t kWideFrom = 4;

void begin(SHA1_CTX& context, CollisionDetection detection) {
    SHA1DCInit(&context);
    SHA1DCSetSafeHash(&context, 0);
    SHA1DCSetUseUBC(&context, 1);
    SHA1DCSetUseDetectColl(&context, detection == CollisionDetection::on ? 1 : 0);
}

// Takes in blocks by the processor's instructions, and blocks that may be part of an attack by the
// portable library, which decides whether they are.
class FastSha1 {
  public:
    explicit FastSha1(CollisionDetection detection) : detection_(detection) {}

    void update(ByteView bytes) {
        if (bytes.empty()) return;
        size_ += bytes.size();
        if (buffered_ > 0) {
            std::size_t taken = std::min(bytes.size(), kBlockSize - buffered_);
            std::memcpy(buffer_ + buffered_, bytes.data(), taken);
            buffered_ += taken;
            bytes = bytes.subspan(taken);
            if (buffered_ < kBlockSize) return;
            take_blocks(buffer_, 1);
            buffered_ = 0;
        }
        std::size_t whole = bytes.size() / kBlockSize;
        take_blocks(bytes.data(), whole);
        bytes = bytes.subspan(whole * kBlockSize);
        if (!bytes.empty()) std::memcpy(buffer_, bytes.data(), bytes.size());
        buffered_ = bytes.size();
    }

    // True where a collision was found.
    bool finish(Sha1Digest& digest) {
        std::uint64_t bits = size_ * 8;
        Byte padding[2 * kBlockSize] = {0x80};
        std::size_t length = (buffered_ < 56 ? 56 : 120) - buffered_;
        for (int i = 0; i < 8; ++i) {
            padding[length + static_cast<std::size_t>(i)] = static_cast<Byte>(bits >> (56 - 8 * i));
        }
        update(ByteView(padding, length + 8));
        for (std::size_t i = 0; i < digest.size(); ++i) {
            digest[i] = static_cast<Byte>(state_[i / 4] >> (24 - 8 * (i % 4)));
        }
        return found_collision_;
    }

  private:
    void take_blocks(const Byte* blocks, std::size_t count) {
        if (detection_ == CollisionDetection::off) {
            if (count > 0) sha1_blocks::compress(state_, blocks, count);
            return;
        }
        while (count > 0) {
            std::size_t lanes = std::min(count, kLaneCount);
            bool wide = sha1_blocks::has_wide_lanes();
            if (lanes == kLaneCount && wide) {
                take_all_lanes(blocks);
            } else if (lanes >= kWideFrom && wide) {
                take_looking_at_all(blocks, lanes);
            } else {
                for (std::size_t i = 0; i < lanes; ++i) take_looking(blocks + i * kBlockSize);
            }
            blocks += lanes * kBlockSize;
            count -= lanes;
        }
    }

    void take_all_lanes(const Byte* blocks) {
        std::uint32_t before[kLaneCount][5];
        std::uint32_t suspects = sha1_blocks::compress_looking(state_, blocks, before);
        for (std::size_t i = 0; suspects != 0; ++i, suspects >>= 1) {
            if ((suspects & 1) != 0) decide(before[i], blocks + i * kBlockSize);
        }
    }

    void take_looking_at_all(const Byte* blocks, std::size_t count) {
        std::uint32_t suspects = sha1_blocks::find_suspects(blocks, count);
        std::size_t taken = 0;
        for (std::size_t i = 0; suspects != 0; ++i, suspects >>= 1) {
            if ((suspects & 1) == 0) continue;
            if (i > taken) {
                sha1_blocks::compress(state_, blocks + taken * kBlockSize, i - taken);
            }
            decide(state_, blocks + i * kBlockSize);
            taken = i + 1;
        }
        if (taken < count) {
            sha1_blocks::compress(state_, blocks + taken * kBlockSize, count - taken);
        }
    }

    void take_looking(const Byte* block) {
        std::uint32_t before[5];
        std::memcpy(before, state_, sizeof(before));
        std::uint32_t expanded[80];
        sha1_blocks::compress_expanding(state_, block, expanded);
        std::uint32_t vectors[DVMASKSIZE] = {};
        ubc_check(expanded, vectors);
        if (vectors[0] == 0) return;
        decide(before, block);
    }

    // Takes a block into the state by the portable library, which tells whether it is part of an
    // attack; the state becomes that behind the block.
    void decide(std::uint32_t state[5], const Byte* block) {
        SHA1_CTX context;
        begin(context, CollisionDetection::on);
        std::memcpy(context.ihv, state, sizeof(context.ihv));
        SHA1DCUpdate(&context, reinterpret_cast<const char*>(block), kBlockSize);
        std::memcpy(state, context.ihv, sizeof(context.ihv));
        if (context.found_collision != 0) found_collision_ = true;
    }

    CollisionDetection detection_;
    bool found_collision_ = false;
    std::uint32_t state_[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    std::uint64_t size_ = 0;
    std::size_t buffered_ = 0;
    Byte buffer_[kBlockSize];
};

}  // namespace

struct Sha1::State {
    State(CollisionDetection detection, bool use_instructions) : fast(detection) {
        if (use_instructions) return;
        portable = std::make_unique<SHA1_CTX>();
        begin(*portable, detection);
    }
    State(const State& other)
        : fast(other.fast),
          portable(other.portable ? std::make_unique<SHA1_CTX>(*other.portable) : nullptr) {}

    FastSha1 fast;
    std::unique_ptr<SHA1_CTX> portable;  // where the processor has no instructions for it
};

Sha1::Sha1(CollisionDetection detection, Implementation implementation)
    : state_(std::make_unique<State>(detection, implementation == Implementation::best &&
                                                    sha1_blocks::has_sha_instructions())) {}

Sha1::~Sha1() = default;
Sha1::Sha1(Sha1&&) noexcept = default;
Sha1& Sha1::operator=(Sha1&&) noexcept = default;
Sha1::Sha1(const Sha1& other) : state_(std::make_unique<State>(*other.state_)) {}
Sha1& Sha1::operator=(const Sha1& other) {
    if (this != &other) state_ = std::make_unique<State>(*other.state_);
    return *this;
}

Sha1& Sha1::update(ByteView bytes) {
    if (state_->portable) {
        SHA1DCUpdate(state_->portable.get(), reinterpret_cast<const char*>(bytes.data()),
                     bytes.size());
    } else {
        state_->fast.update(bytes);
    }
    return *this;
}

Expected<Sha1Digest> Sha1::finish() {
    Sha1Digest digest;
    bool collision = state_->portable ? SHA1DCFinal(digest.data(), state_->portable.get()) != 0
                                      : state_->fast.finish(digest);
    if (collision) {
        return fail(ErrorCode::invalid,
                    "SHA-1 collision attack detected in object " + to_hex(digest));
    }
    return digest;
}

}  // namespace ashlar::crypto
