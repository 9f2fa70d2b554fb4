// The rules, one function for each kind of transaction. Private to forge: callers use apply().
//
// Each gives an outcome, or an error that is a refusal (is_refusal) or a failure to read the state.
#pragma once

#include "forge/access.h"
#include "forge/rules.h"

namespace ashlar::forge {

struct RuleContext {
    const State& state;
    std::uint64_t time_ms = 0;
    Viewer author;
};

Expected<Outcome> run(const RuleContext& context, const CreateAccount& action);
Expected<Outcome> run(const RuleContext& context, const CreateToken& action);
Expected<Outcome> run(const RuleContext& context, const RevokeToken& action);
Expected<Outcome> run(const RuleContext& context, const CreateRepository& action);
Expected<Outcome> run(const RuleContext& context, const UpdateRepository& action);
Expected<Outcome> run(const RuleContext& context, const DeleteRepository& action);
Expected<Outcome> run(const RuleContext& context, const UpdateRefs& action);
Expected<Outcome> run(const RuleContext& context, const ChangeValidators& action);
Expected<Outcome> run(const RuleContext& context, const CreateSshKey& action);
Expected<Outcome> run(const RuleContext& context, const DeleteSshKey& action);

// Checks a push certificate against the updates that it is to stand for. The id of the author's key
// that signed it; nothing where it was signed otherwise (recorded, and not verified).
Expected<std::optional<SshKeyId>> check_certificate(const RuleContext& context,
                                                    const UpdateRefs& action);

// The repository, where the author may do this to it.
Expected<Repository> repository_for(const RuleContext& context, RepositoryId id,
                                    RepositoryAction action);

}  // namespace ashlar::forge
