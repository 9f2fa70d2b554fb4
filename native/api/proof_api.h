// Proofs over HTTP, for those who trust nobody (docs/formats.md, "Proofs over HTTP"):
//
//   GET /api/ashlar/v1/genesis
//   GET /api/ashlar/v1/headers/{height}                 or "head"
//   GET /api/ashlar/v1/epochs/{epoch}                   how an epoch ended
//   GET /api/ashlar/v1/repos/{owner}/{repo}/proof       of all refs; with ?ref= of one
//
// Each as JSON or, by ?format=capnp or the Accept header, in its canonical encoding.
#pragma once

#include <optional>
#include <variant>

#include "native/api/entity.h"
#include "native/http/http_handler.h"
#include "native/node/node.h"

namespace ashlar::native {

// Longer lists are not proven at once, for they are held in memory whole.
inline constexpr std::uint64_t kProvenRefsMax = 200'000;

class ProofApi {
  public:
    // The node outlives this; this outlives the answers, which hold up to so many bytes at once.
    explicit ProofApi(const node::Node& node, std::uint64_t held_bytes_max = kHeldAnswersBytesMax)
        : node_(node), held_(held_bytes_max) {}

    using Answer = std::variant<http::HttpReply, http::HttpPlan>;
    // Nothing where the address is none of these.
    std::optional<Answer> answer(const api::Request& request) const;

  private:
    const node::Node& node_;
    mutable BodyBudget held_;
};

}  // namespace ashlar::native
