#include "ledger/tree_proof.h"

#include <algorithm>

namespace ashlar::ledger {

namespace {

constexpr std::size_t kStepSize = 1 + crypto::Digest::kSize;
constexpr Byte kWithoutOther = 0;
constexpr Byte kWithOther = 1;

Expected<void> check_root(TreeKind kind, const crypto::Digest& root, const TreeEntry& leaf,
                          const std::vector<TreeProof::Step>& steps) {
    crypto::Digest hash = tree_leaf(kind, leaf.key, leaf.value);
    std::size_t above = kTreeKeyBits;
    for (const TreeProof::Step& step : steps) {
        if (step.bit >= above) return fail(ErrorCode::invalid, "proof: bits do not decrease");
        above = step.bit;
        hash = key_bit(leaf.key, step.bit) ? tree_branch(kind, step.bit, step.sibling, hash)
                                           : tree_branch(kind, step.bit, hash, step.sibling);
    }
    if (hash != root) return fail(ErrorCode::invalid, "proof: leads to another root");
    return {};
}

// Takes `size` bytes from the front.
ByteView take(ByteView& bytes, std::size_t size) {
    const ByteView taken = bytes.first(size);
    bytes = bytes.subspan(size);
    return taken;
}

crypto::Digest take_digest(ByteView& bytes) {
    crypto::Digest digest;
    const ByteView taken = take(bytes, crypto::Digest::kSize);
    std::copy(taken.begin(), taken.end(), digest.bytes.begin());
    return digest;
}

}  // namespace

Expected<void> verify_inclusion(TreeKind kind, const crypto::Digest& root,
                                const crypto::Digest& key, const crypto::Digest& value,
                                const TreeProof& proof) {
    if (proof.other) return fail(ErrorCode::invalid, "proof: is one of absence");
    return check_root(kind, root, {key, value}, proof.steps);
}

Expected<void> verify_absence(TreeKind kind, const crypto::Digest& root, const crypto::Digest& key,
                              const TreeProof& proof) {
    if (root.is_zero()) {
        if (proof.other || !proof.steps.empty()) {
            return fail(ErrorCode::invalid, "proof: the tree is empty, the proof is not");
        }
        return {};
    }
    if (!proof.other) return fail(ErrorCode::invalid, "proof: shows no absence");
    if (proof.other->key == key) return fail(ErrorCode::invalid, "proof: shows the key itself");
    for (const TreeProof::Step& step : proof.steps) {
        if (key_bit(key, step.bit) != key_bit(proof.other->key, step.bit)) {
            return fail(ErrorCode::invalid, "proof: the other key lies elsewhere");
        }
    }
    return check_root(kind, root, *proof.other, proof.steps);
}

Bytes encode(const TreeProof& proof) {
    Bytes bytes;
    bytes.push_back(proof.other ? kWithOther : kWithoutOther);
    if (proof.other) {
        append(bytes, proof.other->key.view());
        append(bytes, proof.other->value.view());
    }
    bytes.push_back(static_cast<Byte>(proof.steps.size() >> 8));
    bytes.push_back(static_cast<Byte>(proof.steps.size() & 0xff));
    for (const TreeProof::Step& step : proof.steps) {
        bytes.push_back(step.bit);
        append(bytes, step.sibling.view());
    }
    return bytes;
}

Expected<TreeProof> decode_tree_proof(ByteView bytes) {
    const auto invalid = [](const char* why) {
        return fail(ErrorCode::invalid, std::string("tree proof: ") + why);
    };
    TreeProof proof;
    if (bytes.empty()) return invalid("is empty");
    const Byte flag = take(bytes, 1)[0];
    if (flag > kWithOther) return invalid("unknown flag");
    if (flag == kWithOther) {
        if (bytes.size() < 2 * crypto::Digest::kSize) return invalid("ends early");
        const crypto::Digest key = take_digest(bytes);
        proof.other = TreeEntry{key, take_digest(bytes)};
    }
    if (bytes.size() < 2) return invalid("ends early");
    const ByteView count_bytes = take(bytes, 2);
    const std::size_t count = (std::size_t{count_bytes[0]} << 8) | count_bytes[1];
    if (count > kTreeKeyBits) return invalid("more steps than a key has bits");
    if (bytes.size() != count * kStepSize) return invalid("length does not fit the step count");
    proof.steps.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const Byte bit = take(bytes, 1)[0];
        if (!proof.steps.empty() && bit >= proof.steps.back().bit) {
            return invalid("bits do not decrease");
        }
        proof.steps.push_back({bit, take_digest(bytes)});
    }
    return proof;
}

}  // namespace ashlar::ledger
