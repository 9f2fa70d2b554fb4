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

    struct Pack {
        std::unique_ptr<ChunkStream> stream;
        std::string progress;  // for the person at the terminal; may be empty
    };
    Expected<Pack> pack(const std::vector<ObjectId>& common, const ShallowChange& change);

  private:
    Expected<std::vector<ObjectId>> excluded_tips();
    // For a client that has nothing yet; without a stream where it takes a walk.
    Expected<Pack> pack_for_clone();
    std::string progress_of(std::uint32_t object_count) const;
    Expected<void> add_tags(ListedObjects& listed);

    const RepositoryView& repository_;
    FetchRequest& request_;
    CommitGraph graph_;
};

}  // namespace ashlar::git
