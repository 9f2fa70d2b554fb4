#include "pages/templates.h"

#include <gtest/gtest.h>

#include "pages/embedded.h"

namespace ashlar::pages {
namespace {

std::string render(std::string_view text, const Value& value) {
    TemplateSource sources[] = {{"main", text}, {"part", "<{{name}}>"}};
    auto templates = Templates::compile(sources);
    if (!templates) return templates.error().message();
    return templates->render("main", value).text;
}

Value named(std::string_view name) {
    Value value;
    value.set("name", name);
    return value;
}

TEST(Templates, escape_text_and_not_html) {
    Value value = named("<b onclick='x'>&\"");
    EXPECT_EQ(render("[{{name}}]", value), "[&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;]");
    value.set("name", Html{"<b>"});
    EXPECT_EQ(render("[{{ name }}]", value), "[<b>]");
}

TEST(Templates, render_a_section_for_each_item_and_look_outwards) {
    Value value = named("outer");
    Value second;
    second.set("other", "x");
    value.set("items", Value::List{named("one"), std::move(second)});
    EXPECT_EQ(render("{{#items}}{{name}};{{/items}}", value), "one;outer;");
    EXPECT_EQ(render("{{#none}}a{{/none}}{{^none}}b{{/none}}", value), "b");
}

TEST(Templates, render_texts_of_a_list_with_a_dot) {
    Value value;
    value.set("items", Value::List{"a", "<"});
    EXPECT_EQ(render("{{#items}}({{.}}){{/items}}", value), "(a)(&lt;)");
}

TEST(Templates, treat_false_empty_and_absent_alike) {
    Value value;
    value.set("no", false).set("empty", "").set("yes", true);
    EXPECT_EQ(
        render("{{#no}}1{{/no}}{{#empty}}2{{/empty}}{{#gone}}3{{/gone}}{{#yes}}4{{/yes}}", value),
        "4");
}

TEST(Templates, take_away_lines_that_hold_only_a_section_tag) {
    Value value;
    value.set("yes", true);
    EXPECT_EQ(render("a\n  {{#yes}}\nb\n{{/yes}}\nc\n", value), "a\nb\nc\n");
    EXPECT_EQ(render("a {{#yes}}b{{/yes}}\n", value), "a b\n");
}

TEST(Templates, render_partials_in_the_scope_they_stand_in) {
    Value value;
    value.set("items", Value::List{named("a"), named("b")});
    EXPECT_EQ(render("{{#items}}{{>part}}{{/items}}", value), "<a><b>");
}

TEST(Templates, refuse_what_is_not_well_formed_and_say_where) {
    EXPECT_EQ(render("a\n{{#x}}", {}), "invalid: template main, line 2: a section is not closed");
    EXPECT_EQ(render("{{/x}}", {}),
              "invalid: template main, line 1: a section ends that never began");
    EXPECT_EQ(render("{{#x}}{{/y}}", {}),
              "invalid: template main, line 1: a section ends under another name");
    EXPECT_EQ(render("{{x", {}), "invalid: template main, line 1: a tag is not closed");
    EXPECT_EQ(
        render("{{{x}}}", {}),
        "invalid: template main, line 1: unescaped variables and other delimiters are not served");
    EXPECT_EQ(render("{{>gone}}", {}),
              "invalid: template main asks for the partial gone, which does not exist");
}

TEST(EmbeddedWeb, holds_templates_that_compile_and_a_stylesheet) {
    auto templates = Templates::compile(embedded_templates());
    ASSERT_TRUE(templates) << templates.error().message();
    EXPECT_FALSE(embedded_templates().empty());
    EXPECT_NE(embedded_stylesheet().find("prefers-color-scheme:dark"), std::string_view::npos);
    EXPECT_EQ(embedded_stylesheet().find("/*"), std::string_view::npos);
}

}  // namespace
}  // namespace ashlar::pages
