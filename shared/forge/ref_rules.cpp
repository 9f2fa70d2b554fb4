// The rules of a push: each ref is compared and swapped, by itself or all together.
#include <algorithm>
#include <map>
#include <set>

#include "forge/rule_set.h"
#include "git/object/ref_name.h"

namespace ashlar::forge {

namespace {

constexpr std::string_view kBranchPrefix = "refs/heads/";
constexpr std::size_t kPushOptionLengthMax = 4096;  // bytes, as one packet line may hold at least

std::string describe(const std::optional<git::ObjectId>& id) {
    return id ? id->hex() : "absent";
}

// The refs of a repository with what this push has changed so far.
class RefTable {
  public:
    RefTable(const State& state, const Repository& repository)
        : state_(state), repository_(repository.id), stored_(repository.ref_count > 0) {}

    Expected<std::optional<git::ObjectId>> find(const std::string& name) const {
        const auto changed = changed_.find(name);
        if (changed != changed_.end()) return changed->second;
        if (!stored_) return std::nullopt;
        ASHLAR_TRY(const auto ref, state_.ref(repository_, name));
        if (!ref) return std::nullopt;
        return ref->id;
    }
    void set(const std::string& name, std::optional<git::ObjectId> id) { changed_[name] = id; }

    // A ref that `name` cannot stand beside, as a file cannot beside a folder of its name.
    Expected<std::optional<std::string>> find_obstacle(const std::string& name) const {
        for (std::size_t slash = name.rfind('/'); slash != std::string::npos && slash > 0;
             slash = name.rfind('/', slash - 1)) {
            const std::string above = name.substr(0, slash);
            ASHLAR_TRY(const auto found, find(above));
            if (found) return above;
        }
        return find_below(name + "/");
    }

  private:
    Expected<std::optional<std::string>> find_below(const std::string& prefix) const {
        for (auto item = changed_.lower_bound(prefix);
             item != changed_.end() && item->first.compare(0, prefix.size(), prefix) == 0; ++item) {
            if (item->second) return item->first;
        }
        std::optional<std::string> found;
        if (!stored_) return found;
        ASHLAR_CHECK(state_.scan_refs(repository_, prefix, [&](const git::Ref& ref) {
            if (changed_.count(ref.name) == 0) found = ref.name;  // else it was deleted above
            return !found.has_value();
        }));
        return found;
    }

    const State& state_;
    RepositoryId repository_;
    bool stored_;
    std::map<std::string, std::optional<git::ObjectId>> changed_;
};

Expected<void> check_form(const UpdateRefs& action, const Settings& settings) {
    const auto beyond = [](const std::string& what, std::uint64_t limit) {
        return fail(ErrorCode::limit_exceeded, what + " (at most " + std::to_string(limit) + ")");
    };
    if (action.updates.empty()) return fail(ErrorCode::invalid, "the push updates no ref");
    if (action.updates.size() > settings.refs_per_push_max) {
        return beyond("refs in one push", settings.refs_per_push_max);
    }
    if (action.push_options.size() > settings.push_options_max) {
        return beyond("push options", settings.push_options_max);
    }
    for (const std::string& option : action.push_options) {
        if (option.size() > kPushOptionLengthMax) {
            return beyond("bytes of a push option", kPushOptionLengthMax);
        }
    }
    if (action.pack && action.pack->size > settings.pack_bytes_max) {
        return beyond("bytes of a pack", settings.pack_bytes_max);
    }
    std::set<std::string_view> names;
    for (const RefUpdate& update : action.updates) {
        if (!names.insert(update.name).second) {
            return fail(ErrorCode::invalid, "the push names " + update.name + " twice");
        }
    }
    return {};
}

Expected<void> check_update(const RefTable& refs, const RefUpdate& update) {
    if (!update.new_id && !update.old_id) {
        return fail(ErrorCode::invalid, "neither an old nor a new object");
    }
    const auto null = [](const std::optional<git::ObjectId>& id) { return id && id->is_null(); };
    if (null(update.new_id) || null(update.old_id) || null(update.peeled)) {
        return fail(ErrorCode::invalid, "a null object id");
    }
    if (update.peeled && !update.new_id) return fail(ErrorCode::invalid, "peels a deleted ref");
    if (update.new_id) ASHLAR_CHECK(git::check_pushed_ref_name(update.name));
    ASHLAR_TRY(const auto current, refs.find(update.name));
    if (current != update.old_id) {
        return fail(ErrorCode::conflict, "fetch first: the ref is " + describe(current) +
                                             ", the push expected " + describe(update.old_id));
    }
    if (update.new_id && !current) {
        ASHLAR_TRY(const auto obstacle, refs.find_obstacle(update.name));
        if (obstacle) {
            return fail(ErrorCode::conflict, "cannot stand beside the ref " + *obstacle);
        }
    }
    return {};
}

// Deletions come first, so that a push can put refs/heads/a/b in the place of refs/heads/a.
std::vector<std::size_t> order_of(const std::vector<RefUpdate>& updates) {
    std::vector<std::size_t> order;
    for (const bool deletions : {true, false}) {
        for (std::size_t i = 0; i < updates.size(); ++i) {
            if (updates[i].new_id.has_value() != deletions) order.push_back(i);
        }
    }
    return order;
}

struct RefCounts {
    std::size_t updated = 0;
    std::size_t refused = 0;
    std::size_t created = 0;
    std::size_t deleted = 0;
};

// Judges every update; fails only where the state cannot be read.
Expected<RefCounts> judge(const UpdateRefs& action, const Repository& repository,
                          const RuleContext& context, const Settings& settings,
                          std::vector<RefResult>& results) {
    RefTable refs(context.state, repository);
    RefCounts counts;
    for (const RefUpdate& update : action.updates) results.push_back({update.name, std::nullopt});
    for (const std::size_t i : order_of(action.updates)) {
        const RefUpdate& update = action.updates[i];
        Expected<void> checked = check_update(refs, update);
        const bool creates = update.new_id && !update.old_id;
        if (checked && creates &&
            repository.ref_count + counts.created - counts.deleted >=
                settings.refs_per_repository_max) {
            checked = fail(ErrorCode::limit_exceeded, "refs in one repository");
        }
        if (!checked) {
            if (!is_refusal(checked.error().code)) return Unexpected(checked.error());
            results[i].refusal = checked.error();
            ++counts.refused;
            continue;
        }
        refs.set(update.name, update.new_id);
        ++counts.updated;
        if (creates) ++counts.created;
        if (!update.new_id) ++counts.deleted;
    }
    return counts;
}

void refuse_all(std::vector<RefResult>& results) {
    for (RefResult& result : results) {
        if (!result.refusal) {
            result.refusal = Error{ErrorCode::conflict, "atomic push: another ref was refused"};
        }
    }
}

// The first push of a repository decides its default branch, unless it has the one that was chosen.
void choose_default_branch(Repository& repository, const UpdateRefs& action,
                           const std::vector<RefResult>& results) {
    std::vector<std::string> branches;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const std::string& name = results[i].name;
        if (results[i].refusal || !action.updates[i].new_id) continue;
        if (name.compare(0, kBranchPrefix.size(), kBranchPrefix) != 0) continue;
        branches.push_back(name.substr(kBranchPrefix.size()));
    }
    if (branches.empty()) return;
    for (const std::string& wanted : {repository.default_branch, std::string("main"),
                                      std::string("master"), branches.front()}) {
        if (std::find(branches.begin(), branches.end(), wanted) == branches.end()) continue;
        repository.default_branch = wanted;
        return;
    }
}

void put_refs(const UpdateRefs& action, Outcome& outcome) {
    for (std::size_t i = 0; i < action.updates.size(); ++i) {
        const RefUpdate& update = action.updates[i];
        if (outcome.result.refs[i].refusal) continue;
        if (update.new_id) {
            outcome.changes.push_back(
                PutRef{action.repository, {update.name, *update.new_id, update.peeled}});
        } else {
            outcome.changes.push_back(RemoveRef{action.repository, update.name});
        }
    }
}

}  // namespace

Expected<Outcome> run(const RuleContext& context, const UpdateRefs& action) {
    ASHLAR_TRY(Repository repository,
               repository_for(context, action.repository, RepositoryAction::write));
    ASHLAR_TRY(const Settings settings, context.state.settings());
    ASHLAR_CHECK(check_form(action, settings));
    Outcome outcome;
    outcome.result.repository = repository.id;
    if (!action.certificate.empty()) {
        ASHLAR_TRY(const auto signer, check_certificate(context, action));
        if (signer) outcome.result.ssh_key = *signer;
    }
    ASHLAR_TRY(const RefCounts counts,
               judge(action, repository, context, settings, outcome.result.refs));
    if (counts.refused > 0 && action.atomicity == RefAtomicity::all_or_none) {
        refuse_all(outcome.result.refs);
        outcome.result.refusal = Error{ErrorCode::conflict, "atomic push: a ref was refused"};
        return outcome;
    }
    if (counts.updated == 0) {
        outcome.result.refusal = Error{ErrorCode::conflict, "no ref was updated"};
        return outcome;
    }
    if (repository.ref_count == 0) choose_default_branch(repository, action, outcome.result.refs);
    repository.ref_count += counts.created;
    repository.ref_count -= counts.deleted;
    repository.pushed_ms = context.time_ms;
    repository.updated_ms = context.time_ms;
    // A refused ref's objects came in the same pack as the others'.
    const bool pack_holds_refused = action.pack && counts.refused > 0;
    if (action.rewinds || counts.deleted > 0 || pack_holds_refused) {
        repository.may_hold_unreachable = true;
    }
    if (action.pack) {
        ++repository.pack_sequence;
        repository.pack_bytes += action.pack->size;
        outcome.changes.push_back(
            AttachPack{repository.id, repository.pack_sequence, *action.pack});
    }
    put_refs(action, outcome);
    outcome.changes.push_back(PutRepository{std::move(repository)});
    return outcome;
}

}  // namespace ashlar::forge
