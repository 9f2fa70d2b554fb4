// The pages, each from a request to a model. All fail with `needs_data` only where that is so, and
// with other errors for what was asked; the caller makes a page of these.
#pragma once

#include "api/page/context.h"
#include "git/browse/log.h"

namespace ashlar::api::page {

// Lists of repositories.
Expected<Answer> repositories_page(const Context& context, Repositories& repositories);

// A folder, with its README and, at the root, how to clone. An empty location text is HEAD.
Expected<Answer> tree_page(const RepositoryContext& repository, std::string_view revision_and_path);
// A file.
Expected<Answer> file_page(const RepositoryContext& repository, std::string_view revision_and_path);
// A file's bytes.
Expected<Answer> raw_file(const RepositoryContext& repository, std::string_view revision_and_path);
// The history of a revision, or of a path in it.
Expected<Answer> history_page(const RepositoryContext& repository,
                              std::string_view revision_and_path);
// A commit with its diff.
Expected<Answer> commit_page(const RepositoryContext& repository, std::string_view id);
Expected<Answer> branches_page(const RepositoryContext& repository);
Expected<Answer> tags_page(const RepositoryContext& repository);

// The network and its newest blocks (or those below the height in `below`), and one block. The
// context has a network.
Expected<Answer> network_page(const Context& context);
Expected<Answer> block_page(const Context& context);

}  // namespace ashlar::api::page
