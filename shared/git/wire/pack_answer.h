// From what a client wants and has to the pack that it gets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/chunk_stream.h"
#include "git/walk/commit_graph.h"
#include "git/walk/object_walk.h"
#include "git/walk/shallow.h"
#include "git/wire/fetch_request.h"
#include "git/wire/upload_pack.h"

namespace ashlar::git {

// One fetch being answered: what was asked for, checked step by step.
class FetchSession {
  public:
    FetchSession(const RepositoryView& repository, FetchRequest& request)
        : repository_(repository),
          request_(request),
          graph_(repository.objects, repository.packs) {}

    // Resolves want-ref lines into wants; the refs stand in the order of the lines.
    Expected<std::vector<Ref>> resolve_want_refs();
    // Fails with `forbidden`, "upload-pack: not our ref <id>", unless the refs reach every want.
    Expected<void> check_wants();
    // Reads the patterns of sparse filters.
    Expected<void> load_filter();
    // Those haves that are here, in the order of the request.
    Expected<std::vector<ObjectId>> common_haves();
    // Whether what is known to be common is enough: every want leads to some of it.
    Expected<bool> ready(const std::vector<ObjectId>& common);
    // Where the client's history ends from now on; to be called before pack(), once.
    Expected<ShallowChange> change_shallows();

    // What is shown around the pack is empty where the client wants to read nothing.
    Expected<SideBandBody> pack(const std::vector<ObjectId>& common, const ShallowChange& change);

  private:
    Expected<std::vector<ObjectId>> excluded_tips();
    // For a client that has nothing yet; without a stream where it takes a walk.
    Expected<SideBandBody> pack_for_clone();
    Expected<SideBandBody> pack_of(ListedObjects listed);
    Expected<void> add_tags(ListedObjects& listed);

    const RepositoryView& repository_;
    FetchRequest& request_;
    CommitGraph graph_;
};

// A fetch that was agreed on, kept until its pack is made.
struct Fetch {
    Fetch(const RepositoryView& its_repository, FetchRequest its_request)
        : repository(its_repository), request(std::move(its_request)) {}
    Fetch(const Fetch&) = delete;
    Fetch& operator=(const Fetch&) = delete;

    const RepositoryView repository;
    FetchRequest request;
    FetchSession session{repository, request};
    std::vector<ObjectId> common;
    ShallowChange change;
};

// Puts the pack into the answer: at once, or, where somebody is told how far it has come, when the
// head has gone out.
Expected<void> put_pack(const std::shared_ptr<Fetch>& fetch, SideBand side_band,
                        SideBandParts& parts);

}  // namespace ashlar::git
