#include "git/wire/pack_answer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "git/object/tree.h"
#include "git/pack/pack_selection.h"
#include "git/pack/pack_writer.h"
#include "git/walk/clone_selection.h"
#include "git/walk/reachable_objects.h"

namespace ashlar::git {
namespace {

// Asks about all ids before it gives up for want of data, so that a host fetches all in one go.
template <typename Ask>
Expected<std::vector<ObjectId>> filter_ids(const std::vector<ObjectId>& ids, Ask ask) {
    std::vector<ObjectId> kept;
    std::optional<Error> needs_data;
    for (const ObjectId& id : ids) {
        Expected<bool> answer = ask(id);
        if (!answer) {
            if (answer.error().code != ErrorCode::needs_data) return Unexpected(answer.error());
            needs_data = answer.error();
        } else if (*answer) {
            kept.push_back(id);
        }
    }
    if (needs_data) return Unexpected(*needs_data);
    return kept;
}

// The places where git looks for a short name (gitrevisions, "<refname>").
Expected<std::optional<Ref>> find_short_name(const RefSource& refs, const std::string& name) {
    constexpr std::array<std::string_view, 4> kPlaces = {"", "refs/", "refs/tags/", "refs/heads/"};
    for (std::string_view place : kPlaces) {
        ASHLAR_TRY(std::optional<Ref> ref, refs.find(std::string(place) + name));
        if (ref) return ref;
    }
    if (name != "HEAD") return std::optional<Ref>();
    ASHLAR_TRY(std::string target, refs.head_target());
    return refs.find(target);
}

Expected<ObjectId> tree_of(ObjectSource& objects, const ObjectId& id) {
    CommitGraph graph(objects);
    ASHLAR_TRY(Peeled peeled, graph.peel(id));
    if (peeled.type == ObjectType::tree) return peeled.id;
    if (peeled.type != ObjectType::commit) return fail(ErrorCode::invalid, "no commit or tree");
    ASHLAR_TRY(CommitIndex index, graph.index_of(peeled.id));
    ASHLAR_TRY(const GraphCommit* commit, graph.load(index));
    return commit->tree;
}

// "<id>" or "<revision>:<path>".
Expected<ObjectId> find_sparse_blob(const RepositoryView& repository, const std::string& name) {
    const std::size_t colon = name.find(':');
    if (colon == std::string::npos) return ObjectId::from_hex(name);
    const std::string revision = name.substr(0, colon);
    ObjectId id;
    ASHLAR_TRY(std::optional<Ref> ref, find_short_name(repository.refs, revision));
    if (ref) {
        id = ref->id;
    } else {
        ASHLAR_TRY(id, ObjectId::from_hex(revision));
    }
    ASHLAR_TRY(id, tree_of(repository.objects, id));
    std::string_view path = std::string_view(name).substr(colon + 1);
    while (true) {
        ASHLAR_TRY(std::shared_ptr<const Object> tree,
                   repository.objects.read(id, kObjectSizeMaxDefault));
        const std::size_t slash = path.find('/');
        ASHLAR_TRY(std::optional<TreeEntryView> entry,
                   find_tree_entry(tree->content, path.substr(0, slash)));
        if (!entry || (slash != std::string_view::npos) != entry->is_tree()) {
            return fail(ErrorCode::invalid, "no such path");
        }
        if (slash == std::string_view::npos) return entry->id;
        id = entry->id;
        path.remove_prefix(slash + 1);
    }
}

Expected<std::vector<ObjectId>> not_tips(const RefSource& refs, const std::vector<ObjectId>& ids,
                                         std::vector<ObjectId>& tips) {
    ObjectIdMap<bool> found;
    for (const ObjectId& id : ids) found.insert(id);
    std::size_t left = found.size();
    auto meet = [&](const ObjectId& id) {
        bool* met = found.find(id);
        if (met == nullptr || *met) return;
        *met = true;
        --left;
    };
    ASHLAR_CHECK(refs.scan("refs/", [&](const Ref& ref) {
        tips.push_back(ref.id);
        meet(ref.id);
        if (ref.peeled) meet(*ref.peeled);
        return left > 0;
    }));
    std::vector<ObjectId> rest;
    for (const ObjectId& id : ids) {
        if (!*found.find(id)) rest.push_back(id);
    }
    return rest;
}

}  // namespace

Expected<std::vector<Ref>> FetchSession::resolve_want_refs() {
    std::vector<Ref> resolved;
    for (const std::string& name : request_.want_refs) {
        std::string full_name = name;
        if (name == "HEAD") {
            ASHLAR_TRY(full_name, repository_.refs.head_target());
        }
        ASHLAR_TRY(std::optional<Ref> ref, repository_.refs.find(full_name));
        if (!ref) return bad_line("unknown ref", name);
        ref->name = name;
        request_.wants.push_back(ref->id);
        resolved.push_back(std::move(*ref));
    }
    request_.wants = without_repeats(request_.wants);
    return resolved;
}

Expected<void> FetchSession::check_wants() {
    auto refuse = [](const ObjectId& id) {
        return fail(ErrorCode::forbidden, "upload-pack: not our ref " + id.hex());
    };
    // Where nothing unreachable is held, whatever is here is reached, and the refs need not be
    // read.
    if (repository_.packs && repository_.unreachable == Unreachable::none) {
        ASHLAR_TRY(const std::vector<ObjectId> here,
                   filter_ids(request_.wants,
                              [&](const auto& id) { return repository_.packs->contains(id); }));
        if (here.size() == request_.wants.size()) return {};
    }
    std::vector<ObjectId> tips;
    ASHLAR_TRY(std::vector<ObjectId> rest, not_tips(repository_.refs, request_.wants, tips));
    if (rest.empty()) return {};
    ASHLAR_TRY(std::vector<ObjectId> present, filter_ids(rest, [&](const ObjectId& id) {
                   return repository_.objects.contains(id);
               }));
    if (present.size() != rest.size()) {
        auto missing = std::mismatch(present.begin(), present.end(), rest.begin());
        return refuse(*missing.second);
    }
    if (repository_.unreachable == Unreachable::none) return {};
    ASHLAR_TRY(std::vector<ObjectId> unreachable,
               repository_.packs ? unreachable_in(repository_.packs, rest, tips)
                                 : unreachable_from(repository_.objects, rest, tips));
    if (!unreachable.empty()) return refuse(unreachable.front());
    return {};
}

Expected<void> FetchSession::load_filter() {
    if (!request_.filter) return {};
    for (FilterRule& rule : request_.filter->rules()) {
        if (rule.kind != FilterRule::Kind::sparse) continue;
        auto refuse = [&]() {
            return bad_line("unable to access sparse blob in", rule.sparse_name);
        };
        Expected<ObjectId> id = find_sparse_blob(repository_, rule.sparse_name);
        if (!id) {
            if (id.error().code == ErrorCode::needs_data) return Unexpected(id.error());
            return refuse();
        }
        // What may not be fetched may not be guessed by its effect either.
        FetchRequest probe;
        probe.wants.push_back(*id);
        Expected<void> allowed = FetchSession(repository_, probe).check_wants();
        if (!allowed) {
            if (allowed.error().code == ErrorCode::needs_data) return allowed;
            return refuse();
        }
        ASHLAR_TRY(std::shared_ptr<const Object> blob,
                   repository_.objects.read(*id, kSparsePatternsSizeMax));
        if (blob->type != ObjectType::blob) return refuse();
        ASHLAR_TRY(SparsePatterns patterns, SparsePatterns::parse(blob->content));
        rule.patterns = std::make_shared<const SparsePatterns>(std::move(patterns));
    }
    return {};
}

Expected<std::vector<ObjectId>> FetchSession::common_haves() {
    return filter_ids(without_repeats(request_.haves),
                      [&](const ObjectId& id) { return repository_.objects.contains(id); });
}

Expected<bool> FetchSession::ready(const std::vector<ObjectId>& common) {
    if (common.empty()) return false;
    auto commits_of = [&](const std::vector<ObjectId>& ids) -> Expected<std::vector<CommitIndex>> {
        std::vector<CommitIndex> commits;
        for (const ObjectId& id : ids) {
            ASHLAR_TRY(std::optional<CommitIndex> commit, graph_.commit_of(id));
            if (commit) commits.push_back(*commit);
        }
        return commits;
    };
    ASHLAR_TRY(std::vector<CommitIndex> wants, commits_of(request_.wants));
    ASHLAR_TRY(std::vector<CommitIndex> targets, commits_of(common));
    return all_reach_some(graph_, wants, targets);
}

Expected<std::vector<ObjectId>> FetchSession::excluded_tips() {
    std::vector<ObjectId> tips;
    for (const std::string& name : request_.deepen_not) {
        ASHLAR_TRY(std::optional<Ref> ref, find_short_name(repository_.refs, name));
        if (!ref) return bad_line("deepen-not names no ref", name);
        tips.push_back(ref->id);
    }
    return tips;
}

Expected<ShallowChange> FetchSession::change_shallows() {
    // What the client says of commits that are not here does not matter here.
    ASHLAR_TRY(std::vector<ObjectId> present,
               filter_ids(without_repeats(request_.shallows),
                          [&](const ObjectId& id) { return repository_.objects.contains(id); }));
    request_.shallows.clear();
    for (const ObjectId& id : present) {
        ASHLAR_TRY(ObjectInfo info, repository_.objects.info(id));
        if (info.type == ObjectType::commit) request_.shallows.push_back(id);
    }
    ShallowRequest shallow;
    shallow.wants = request_.wants;
    shallow.client_shallows = request_.shallows;
    shallow.depth = request_.depth;
    shallow.depth_is_relative = request_.depth_is_relative;
    shallow.since_seconds = request_.since_seconds;
    ASHLAR_TRY(shallow.excluded, excluded_tips());
    return shallow_change(graph_, shallow);
}

Expected<SideBandBody> FetchSession::pack_for_clone() {
    CloneRequest request;
    request.wants = request_.wants;
    request.filter = request_.filter ? &*request_.filter : nullptr;
    request.include_tag = request_.include_tag;
    request.unreachable = repository_.unreachable;
    SideBandBody body;
    ASHLAR_TRY(std::optional<PackSelection> selection,
               select_for_clone(repository_.packs, repository_.refs, request));
    if (!selection) return body;
    ASHLAR_TRY(auto selected, SelectedPack::create(repository_.packs, std::move(*selection)));
    if (!request_.no_progress) {
        body.before = enumerated_lines(selected->object_count());
        body.after = [pack = selected.get()] {
            return total_line(
                {pack->object_count(), 0, 0, 0, pack->object_count() - pack->made_count()});
        };
    }
    body.stream = std::move(selected);
    return body;
}

// Tags of what is sent, so that the client needs no second fetch for them.
Expected<void> FetchSession::add_tags(ListedObjects& listed) {
    std::vector<ObjectId> tags;
    ASHLAR_CHECK(repository_.refs.scan("refs/tags/", [&](const Ref& ref) {
        if (ref.peeled && listed.lists(*ref.peeled)) tags.push_back(ref.id);
        return true;
    }));
    for (const ObjectId& id : tags) {
        ASHLAR_TRY(Peeled peeled, graph_.peel(id));
        for (const ObjectId& tag : peeled.tags) listed.add(tag);
    }
    return {};
}

Expected<SideBandBody> FetchSession::pack(const std::vector<ObjectId>& common,
                                          const ShallowChange& change) {
    if (repository_.packs && common.empty() && request_.ofs_delta && request_.shallows.empty() &&
        !request_.deepens()) {
        ASHLAR_TRY(SideBandBody clone, pack_for_clone());
        if (clone.stream) return clone;
    }
    for (const ObjectId& id : change.cuts) graph_.cut(id);
    ObjectWalkRequest walk;
    walk.wants = request_.wants;
    walk.wants.insert(walk.wants.end(), change.wants.begin(), change.wants.end());
    walk.haves = common;
    walk.edges = change.unshallows;
    if (request_.filter) walk.filter = *request_.filter;
    if (FetchProgress* progress = repository_.progress) {
        walk.progress = [progress](std::uint64_t listed) {
            progress->report(FetchPhase::enumerating, listed, 0);
        };
    }
    ASHLAR_TRY(ListedObjects listed, list_objects(graph_, walk));
    if (request_.include_tag) ASHLAR_CHECK(add_tags(listed));
    return pack_of(std::move(listed));
}

Expected<SideBandBody> FetchSession::pack_of(ListedObjects listed) {
    PackWriterOptions options;
    options.offset_deltas = request_.ofs_delta;
    if (FetchProgress* progress = repository_.progress) {
        options.progress = [progress](std::uint64_t done, std::uint64_t total) {
            progress->report(FetchPhase::counting, done, total);
        };
    }
    const bool is_filtered = request_.filter && !request_.filter->empty();
    // A client with a filter may lack what its commits reach.
    if (request_.thin_pack && !is_filtered) {
        auto states =
            std::make_shared<const ListedObjects>(ListedObjects{{}, std::move(listed.states)});
        options.reader_has = [states](const ObjectId& id) { return states->client_holds(id); };
    }
    Expected<std::unique_ptr<PackWriter>> created =
        PackWriter::create(repository_.packs, listed.ids, std::move(options));
    if (!created && created.error().code == ErrorCode::not_found) {
        return fail(ErrorCode::corrupt, "no pack holds " + created.error().detail);
    }
    ASHLAR_TRY(std::unique_ptr<PackWriter> writer, std::move(created));
    SideBandBody body;
    if (!request_.no_progress) {
        const PackWriterCounts counts = writer->counts();
        body.before = enumerated_lines(counts.objects);
        body.after = [counts] {
            return total_line({counts.objects, counts.deltas, counts.objects - counts.made_whole,
                               counts.deltas, 0});
        };
    }
    body.stream = std::move(writer);
    return body;
}

Expected<void> put_pack(const std::shared_ptr<Fetch>& fetch, SideBand side_band,
                        SideBandParts& parts) {
    FetchProgress* progress = fetch->repository.progress;
    if (progress == nullptr || side_band == SideBand::none) {
        ASHLAR_TRY(parts.body, fetch->session.pack(fetch->common, fetch->change));
        return {};
    }
    parts.make_body = [fetch, progress, side_band]() -> Expected<SideBandBody> {
        progress->begin(side_band, fetch->request.no_progress);
        Expected<SideBandBody> body = fetch->session.pack(fetch->common, fetch->change);
        progress->made();
        return body;
    };
    return {};
}

}  // namespace ashlar::git
