#include "forge/names.h"
#include "forge/rule_set.h"

namespace ashlar::forge {

Expected<Outcome> run(const RuleContext& context, const CreateAccount& action) {
    ASHLAR_CHECK(require(may_administer_site(context.author), "account " + action.login));
    ASHLAR_CHECK(check_login(action.login));
    if (action.kind == AccountKind::organization && (action.site_administrator || action.key)) {
        return fail(ErrorCode::invalid, "an organization has no key and administers no site");
    }
    ASHLAR_TRY(const auto taken, context.state.find_account(action.login));
    if (taken) return fail(ErrorCode::already_exists, "login " + action.login + " is taken");
    ASHLAR_TRY(Counters counters, context.state.counters());
    counters.last_account = counters.last_account.next();
    Account account;
    account.id = counters.last_account;
    account.login = action.login;
    account.kind = action.kind;
    account.site_administrator = action.site_administrator;
    account.created_ms = context.time_ms;
    account.key = action.key;
    Outcome outcome;
    outcome.result.account = account.id;
    outcome.changes = {PutCounters{counters}, PutAccount{std::move(account)}};
    return outcome;
}

Expected<Outcome> run(const RuleContext& context, const CreateToken& action) {
    ASHLAR_CHECK(require(may_manage_tokens(context.author, action.account, action.scopes),
                         "tokens of the account"));
    ASHLAR_CHECK(check_text("token name", action.name, kTokenNameLengthMax));
    if (action.secret_hash.is_zero()) return fail(ErrorCode::invalid, "token has no secret");
    if (action.expires_ms && *action.expires_ms <= context.time_ms) {
        return fail(ErrorCode::invalid, "token would be expired from the start");
    }
    ASHLAR_TRY(const auto account, context.state.account(action.account));
    if (!account) return fail(ErrorCode::not_found, "the token's account");
    if (account->kind != AccountKind::user) {
        return fail(ErrorCode::invalid, "an organization has no tokens");
    }
    ASHLAR_TRY(const auto taken, context.state.find_token(action.secret_hash));
    if (taken) return fail(ErrorCode::already_exists, "a token with this secret");
    ASHLAR_TRY(Counters counters, context.state.counters());
    counters.last_token = counters.last_token.next();
    Token token;
    token.id = counters.last_token;
    token.account = action.account;
    token.name = action.name;
    token.scopes = action.scopes;
    token.secret_hash = action.secret_hash;
    token.created_ms = context.time_ms;
    token.expires_ms = action.expires_ms;
    Outcome outcome;
    outcome.result.token = token.id;
    outcome.changes = {PutCounters{counters}, PutToken{std::move(token)}};
    return outcome;
}

Expected<Outcome> run(const RuleContext& context, const RevokeToken& action) {
    ASHLAR_TRY(auto token, context.state.token(action.token));
    // Whose token it is, is nobody else's business: to others it does not exist.
    if (!token || may_manage_tokens(context.author, token->account, {}) != Permission::allowed) {
        return fail(ErrorCode::not_found, "token " + std::to_string(action.token.value));
    }
    Outcome outcome;
    outcome.result.token = token->id;
    token->revoked = true;
    outcome.changes = {PutToken{*std::move(token)}};
    return outcome;
}

}  // namespace ashlar::forge
