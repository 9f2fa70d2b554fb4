// What a token may be used for. A token never gives more than its account has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"

namespace ashlar::forge {

enum class Scope : std::uint8_t {
    repository_read = 0,          // private repositories; public ones need no scope
    repository_write = 1,         // push, create, change settings
    public_repository_write = 2,  // the same, for public ones only
    repository_delete = 3,
    account = 4,              // the account's own profile, keys and tokens
    site_administration = 5,  // accounts and tokens of others; needs a site administrator
};

class ScopeSet {
  public:
    constexpr ScopeSet() = default;
    static constexpr ScopeSet all() { return from_bits(kAllBits); }
    // Bits that have no meaning here are dropped.
    static constexpr ScopeSet from_bits(std::uint32_t bits) {
        ScopeSet set;
        set.bits_ = bits & kAllBits;
        return set;
    }

    constexpr ScopeSet with(Scope scope) const { return from_bits(bits_ | bit(scope)); }
    constexpr ScopeSet with(ScopeSet other) const { return from_bits(bits_ | other.bits_); }
    constexpr bool has(Scope scope) const { return (bits_ & bit(scope)) != 0; }
    constexpr bool includes(ScopeSet other) const { return (other.bits_ & ~bits_) == 0; }
    constexpr std::uint32_t bits() const { return bits_; }
    friend constexpr bool operator==(const ScopeSet&, const ScopeSet&) = default;

  private:
    static constexpr std::uint32_t kAllBits = 0x3f;
    static constexpr std::uint32_t bit(Scope scope) {
        return std::uint32_t{1} << static_cast<std::uint32_t>(scope);
    }
    std::uint32_t bits_ = 0;
};

// The names of GitHub's token scopes that are served, and "repo:read" of our own:
//   repo (read, write), repo:read, public_repo, delete_repo, user, site_admin
// Fails with `invalid` where a name is unknown.
Expected<ScopeSet> scopes_from_names(const std::vector<std::string>& names);
std::vector<std::string> to_names(ScopeSet scopes);

}  // namespace ashlar::forge
