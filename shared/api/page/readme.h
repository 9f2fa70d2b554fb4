// Documents of a repository, shown as people read them.
#pragma once

#include <string>
#include <string_view>

#include "api/page/context.h"
#include "git/browse/read.h"
#include "git/browse/resolve.h"

namespace ashlar::api::page {

// Larger READMEs are not shown in a folder; their own page says more.
inline constexpr std::uint64_t kReadmeBytesMax = std::uint64_t{1} << 20;

bool is_markdown_name(std::string_view name);

// Markdown of the file at `path`, its links leading to this revision's files.
pages::MarkdownResult render_document(const RepositoryContext& repository,
                                      std::string_view revision, std::string_view path,
                                      std::string_view source);

// {name, href, html | text | note} for the README among a folder's entries; absent where there is
// none.
Expected<Value> describe_readme(const RepositoryContext& repository,
                                const git::browse::Location& location,
                                const std::vector<git::TreeEntryView>& entries);

// Where a link of a document leads: `target` as written, relative to the document's folder, to a
// path from the root. "../" never leads out of the repository.
struct DocumentTarget {
    std::string path;
    std::string fragment;  // without '#'
};
DocumentTarget resolve_target(std::string_view document_path, std::string_view target);

}  // namespace ashlar::api::page
