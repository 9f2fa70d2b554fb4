#include "forge/names.h"
#include "forge/rule_set.h"

namespace ashlar::forge {

Expected<Outcome> run(const RuleContext& context, const CreateSshKey& action) {
    ASHLAR_CHECK(
        require(may_manage_tokens(context.author, action.account, {}), "SSH keys of the account"));
    ASHLAR_CHECK(check_text("title", action.title, kSshKeyTitleLengthMax));
    ASHLAR_TRY(const auto account, context.state.account(action.account));
    if (!account) return fail(ErrorCode::not_found, "the key's account");
    if (account->kind != AccountKind::user) {
        return fail(ErrorCode::invalid, "an organization has no SSH keys");
    }
    // One key speaks for one account; whose it is already is not told.
    ASHLAR_TRY(const auto taken, context.state.find_ssh_key(action.key));
    if (taken) return fail(ErrorCode::already_exists, "key is already in use");
    ASHLAR_TRY(const std::size_t count, context.state.count_ssh_keys(action.account));
    if (count >= kSshKeysMax) {
        return fail(ErrorCode::limit_exceeded,
                    "an account has at most " + std::to_string(kSshKeysMax) + " SSH keys");
    }
    ASHLAR_TRY(Counters counters, context.state.counters());
    counters.last_ssh_key = counters.last_ssh_key.next();
    SshKey key;
    key.id = counters.last_ssh_key;
    key.account = action.account;
    key.title = action.title;
    key.key = action.key;
    key.created_ms = context.time_ms;
    Outcome outcome;
    outcome.result.ssh_key = key.id;
    outcome.changes = {PutCounters{counters}, PutSshKey{std::move(key)}};
    return outcome;
}

Expected<Outcome> run(const RuleContext& context, const DeleteSshKey& action) {
    ASHLAR_TRY(auto key, context.state.ssh_key(action.ssh_key));
    if (!key || may_manage_tokens(context.author, key->account, {}) != Permission::allowed) {
        return fail(ErrorCode::not_found, "SSH key " + std::to_string(action.ssh_key.value));
    }
    Outcome outcome;
    outcome.result.ssh_key = key->id;
    outcome.changes = {RemoveSshKey{*std::move(key)}};
    return outcome;
}

}  // namespace ashlar::forge
