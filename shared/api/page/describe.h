// Commits, people and revisions as templates show them.
#pragma once

#include <string>
#include <string_view>

#include "api/page/context.h"
#include "git/browse/read.h"
#include "git/browse/resolve.h"

namespace ashlar::api::page {

// Longer subjects and names are cut.
inline constexpr std::size_t kSubjectBytesMax = 300;
inline constexpr std::size_t kNameBytesMax = 120;
inline constexpr std::size_t kShortIdDigits = 8;

std::string short_id(const git::ObjectId& id);

// {name, letter, hue}: a person's name with a coloured initial.
Value describe_person(const git::IdentityView& person);

// {subject, href, short_id, author{}, date, time, datetime, readable}: by its committer's clock.
Value describe_commit(const RepositoryContext& repository, const git::browse::Commit& commit);

// The message as UTF-8 (commits may name an encoding of their own: ISO-8859-1 is understood), with
// hidden characters shown.
std::string commit_subject(const git::CommitView& commit);
std::string commit_body(const git::CommitView& commit);

// "/alice/hello/tree/main/src": an address in the repository.
std::string address_of(const RepositoryContext& repository, std::string_view what,
                       std::string_view revision, std::string_view path);

// How addresses name a ref: "v1", or in full where a branch of that name stands before a tag.
Expected<std::string> address_name(const git::RefSource& refs, std::string_view full_ref_name);

// The menu of branches and tags, the path with its links and the clone command: what the template
// "tools" asks for. `what` is the kind of address that the menu leads to: "tree", "blob",
// "commits".
Expected<void> fill_tools(Value& model, const RepositoryContext& repository, std::string_view what,
                          const git::browse::Location& location);

// The name of a revision as people see it: short ids instead of full ones.
std::string revision_name(const git::browse::Revision& revision);

}  // namespace ashlar::api::page
