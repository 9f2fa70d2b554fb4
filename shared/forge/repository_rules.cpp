#include "forge/names.h"
#include "forge/rule_set.h"
#include "git/object/ref_name.h"

namespace ashlar::forge {

namespace {

Expected<void> check_default_branch(std::string_view branch) {
    const auto checked = git::check_ref_name("refs/heads/" + std::string(branch));
    if (!checked) return fail(ErrorCode::invalid, "default branch: " + checked.error().detail);
    return {};
}

Expected<void> check_description(std::string_view description) {
    return check_text("description", description, kDescriptionLengthMax);
}

}  // namespace

Expected<Repository> repository_for(const RuleContext& context, RepositoryId id,
                                    RepositoryAction action) {
    const std::string number = "repository " + std::to_string(id.value);
    ASHLAR_TRY(auto repository, context.state.repository(id));
    if (!repository) return fail(ErrorCode::not_found, number);
    const Permission permission = may(context.author, *repository, action);
    if (permission == Permission::not_found) return fail(ErrorCode::not_found, number);
    ASHLAR_CHECK(require(permission, "repository " + repository->name));
    return *std::move(repository);
}

Expected<Outcome> run(const RuleContext& context, const CreateRepository& action) {
    ASHLAR_TRY(const auto owner, context.state.account(action.owner));
    if (!owner) return fail(ErrorCode::not_found, "the repository's owner");
    ASHLAR_CHECK(require(may_create_repository(context.author, *owner, action.visibility),
                         "repository " + full_name(owner->login, action.name)));
    ASHLAR_CHECK(check_repository_name(action.name));
    ASHLAR_CHECK(check_description(action.description));
    ASHLAR_CHECK(check_default_branch(action.default_branch));
    ASHLAR_TRY(const auto taken, context.state.find_repository(action.owner, action.name));
    if (taken) {
        return fail(ErrorCode::already_exists,
                    "repository " + full_name(owner->login, action.name) + " exists");
    }
    ASHLAR_TRY(Counters counters, context.state.counters());
    counters.last_repository = counters.last_repository.next();
    Repository repository;
    repository.id = counters.last_repository;
    repository.owner = action.owner;
    repository.name = action.name;
    repository.visibility = action.visibility;
    repository.default_branch = action.default_branch;
    repository.description = action.description;
    repository.created_ms = context.time_ms;
    repository.updated_ms = context.time_ms;
    Outcome outcome;
    outcome.result.repository = repository.id;
    outcome.changes = {PutCounters{counters}, PutRepository{std::move(repository)}};
    return outcome;
}

Expected<Outcome> run(const RuleContext& context, const UpdateRepository& action) {
    ASHLAR_TRY(Repository repository,
               repository_for(context, action.repository, RepositoryAction::administer));
    if (action.description) {
        ASHLAR_CHECK(check_description(*action.description));
        repository.description = *action.description;
    }
    if (action.default_branch) {
        ASHLAR_CHECK(check_default_branch(*action.default_branch));
        repository.default_branch = *action.default_branch;
    }
    if (action.visibility) {
        repository.visibility = *action.visibility;
        // A token for public repositories may not make one out of a private one, or the reverse.
        ASHLAR_CHECK(require(may(context.author, repository, RepositoryAction::administer),
                             "visibility of repository " + repository.name));
    }
    repository.updated_ms = context.time_ms;
    Outcome outcome;
    outcome.result.repository = repository.id;
    outcome.changes = {PutRepository{std::move(repository)}};
    return outcome;
}

Expected<Outcome> run(const RuleContext& context, const DeleteRepository& action) {
    ASHLAR_TRY(Repository repository,
               repository_for(context, action.repository, RepositoryAction::remove));
    Outcome outcome;
    outcome.result.repository = repository.id;
    outcome.changes = {RemoveRepository{std::move(repository)}};
    return outcome;
}

}  // namespace ashlar::forge
