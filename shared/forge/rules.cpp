#include "forge/rules.h"

#include "forge/rule_set.h"

namespace ashlar::forge {

namespace {

Unexpected unknown_author(std::string why) {
    return fail(ErrorCode::unauthenticated, std::move(why));
}

Expected<Viewer> viewer_of(const State& state, std::uint64_t time_ms,
                           const Transaction& transaction) {
    ASHLAR_TRY(const auto account, state.account(transaction.author));
    if (!account) return unknown_author("the transaction's author does not exist");
    if (account->kind != AccountKind::user) {
        return unknown_author("an organization does not act by itself");
    }
    const auto* attested = std::get_if<AttestedByValidator>(&transaction.authorship);
    if (attested == nullptr) {
        if (!account->key) return unknown_author("account " + account->login + " has no key");
        return Viewer::signed_in(*account);
    }
    ASHLAR_TRY(const auto token, state.token(attested->token));
    if (!token || token->account != account->id) {
        return unknown_author("the token is not of account " + account->login);
    }
    if (!is_valid_at(*token, time_ms)) return unknown_author("the token is revoked or expired");
    return Viewer::with_token(*account, token->scopes);
}

Expected<Outcome> run_all(const State& state, std::uint64_t time_ms,
                          const Transaction& transaction) {
    ASHLAR_TRY(Viewer viewer, viewer_of(state, time_ms, transaction));
    const RuleContext context{state, time_ms, std::move(viewer)};
    return std::visit([&](const auto& action) { return run(context, action); }, transaction.action);
}

}  // namespace

bool is_refusal(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid:
        case ErrorCode::not_found:
        case ErrorCode::already_exists:
        case ErrorCode::unauthenticated:
        case ErrorCode::forbidden:
        case ErrorCode::conflict:
        case ErrorCode::limit_exceeded:
        case ErrorCode::unsupported:
            return true;
        case ErrorCode::corrupt:
        case ErrorCode::unavailable:
        case ErrorCode::needs_data:
            return false;
    }
    return false;
}

Expected<Outcome> apply(const State& state, std::uint64_t time_ms, const Transaction& transaction) {
    Expected<Outcome> outcome = run_all(state, time_ms, transaction);
    if (outcome || !is_refusal(outcome.error().code)) return outcome;
    Outcome refused;
    refused.result.refusal = std::move(outcome).error();
    return refused;
}

}  // namespace ashlar::forge
