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

// The repository, where the author may do this to it.
Expected<Repository> repository_for(const RuleContext& context, RepositoryId id,
                                    RepositoryAction action);

}  // namespace ashlar::forge
