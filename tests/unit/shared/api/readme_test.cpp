#include "api/page/readme.h"

#include <gtest/gtest.h>

namespace ashlar::api::page {
namespace {

std::string path_of(std::string_view document, std::string_view target) {
    return resolve_target(document, target).path;
}

TEST(DocumentLinks, lead_from_the_documents_folder) {
    EXPECT_EQ(path_of("README.md", "docs/a.md"), "docs/a.md");
    EXPECT_EQ(path_of("docs/a.md", "b.md"), "docs/b.md");
    EXPECT_EQ(path_of("docs/a.md", "./b.md"), "docs/b.md");
    EXPECT_EQ(path_of("docs/a.md", "../src/x"), "src/x");
    EXPECT_EQ(path_of("docs/a.md", "/src/x"), "src/x");
    EXPECT_EQ(path_of("docs/a.md", "b%20c.md"), "docs/b c.md");
    EXPECT_EQ(path_of("docs/a.md", "b.md?raw=true#part"), "docs/b.md");
    EXPECT_EQ(resolve_target("a.md", "b.md#part").fragment, "part");
}

TEST(DocumentLinks, never_lead_out_of_the_repository) {
    EXPECT_EQ(path_of("docs/a.md", "../../../etc/passwd"), "etc/passwd");
    EXPECT_EQ(path_of("a.md", "%2e%2e/%2e%2e/x"), "x");
    EXPECT_EQ(path_of("a.md", ".."), "");
}

TEST(DocumentLinks, survive_broken_escapes) {
    EXPECT_EQ(path_of("a.md", "100%/x"), "100%/x");
}

TEST(Markdown, is_known_by_its_ending) {
    EXPECT_TRUE(is_markdown_name("README.md"));
    EXPECT_TRUE(is_markdown_name("x.MARKDOWN"));
    EXPECT_FALSE(is_markdown_name(".md"));
    EXPECT_FALSE(is_markdown_name("md"));
}

}  // namespace
}  // namespace ashlar::api::page
