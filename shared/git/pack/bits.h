// A set of small numbers, a bit each: which objects of a pack are meant, by their rank (0 is the
// entry with the lowest offset).
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "base/assert.h"

namespace ashlar::git {

class Bits {
  public:
    static constexpr std::uint32_t kWordBits = 64;

    explicit Bits(std::uint32_t size = 0) : size_(size), words_(word_count(size)) {}
    static std::size_t word_count(std::uint32_t size) {
        return (std::size_t{size} + kWordBits - 1) / kWordBits;
    }

    std::uint32_t size() const { return size_; }
    bool get(std::uint32_t number) const {
        return ((words_[number / kWordBits] >> (number % kWordBits)) & 1) != 0;
    }
    void set(std::uint32_t number) {
        words_[number / kWordBits] |= std::uint64_t{1} << (number % kWordBits);
    }
    void clear(std::uint32_t number) {
        words_[number / kWordBits] &= ~(std::uint64_t{1} << (number % kWordBits));
    }
    void set_all() {
        for (std::uint32_t number = 0; number < size_ % kWordBits; ++number) {
            set(size_ - 1 - number);
        }
        for (std::size_t i = 0; i < size_ / kWordBits; ++i) words_[i] = ~std::uint64_t{0};
    }
    void clear_all() { words_.assign(words_.size(), 0); }

    // Both have the same size.
    void add(const Bits& other) {
        ASHLAR_ASSERT(other.size_ == size_);
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    }
    void remove(const Bits& other) {
        ASHLAR_ASSERT(other.size_ == size_);
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
    }

    std::uint32_t count() const {
        std::uint32_t count = 0;
        for (const std::uint64_t word : words_) {
            count += static_cast<std::uint32_t>(std::popcount(word));
        }
        return count;
    }
    // The first number from `from` on that is in the set; size() where there is none.
    std::uint32_t next(std::uint32_t from) const {
        if (from >= size_) return size_;
        std::size_t i = from / kWordBits;
        std::uint64_t word = words_[i] & (~std::uint64_t{0} << (from % kWordBits));
        while (word == 0) {
            if (++i == words_.size()) return size_;
            word = words_[i];
        }
        return static_cast<std::uint32_t>(i * kWordBits) +
               static_cast<std::uint32_t>(std::countr_zero(word));
    }

    // The bits beyond size() in the last word are zero, and stay so.
    std::span<const std::uint64_t> words() const { return words_; }
    std::span<std::uint64_t> words() { return words_; }

    friend bool operator==(const Bits&, const Bits&) = default;

  private:
    std::uint32_t size_;
    std::vector<std::uint64_t> words_;
};

}  // namespace ashlar::git
