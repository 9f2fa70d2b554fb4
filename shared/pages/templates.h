// Mustache templates, compiled once: {{name}}, {{#section}}, {{^inverted}}, {{/end}}, {{>partial}},
// {{! comment }} and {{.}} for the current item (mustache(5)). There is no unescaped tag: what is
// safe is of the type `Html`. A name is looked up in the innermost value that has it; one that is
// nowhere renders as nothing. Tags other than variables that stand alone on a line take the line
// with them.
//
// (Of our own, and not a library: kainjow's mustache parses partials again at each use and pulls
// <iostream> into everything that must run without I/O.)
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "pages/value.h"

namespace ashlar::pages {

struct TemplateSource {
    std::string_view name;  // "repository", as {{>repository}} says it
    std::string_view text;  // outlives the templates
};

// How deep sections and partials may stand in each other.
inline constexpr std::size_t kTemplateDepthMax = 32;

class Templates {
  public:
    // Fails with `invalid`, naming template and line, where a tag is unknown or not closed, or a
    // partial does not exist.
    static Expected<Templates> compile(std::span<const TemplateSource> sources);

    // The template must exist.
    Html render(std::string_view name, const Value& value) const;

  private:
    enum class Kind : std::uint8_t { text, variable, section, inverted, partial };
    struct Node {
        Kind kind = Kind::text;
        std::string_view text;  // the text itself, or the name
        std::size_t end = 0;    // sections: the index after the last node inside
    };
    using Program = std::vector<Node>;
    class Compiler;
    class Renderer;

    std::map<std::string_view, Program, std::less<>> programs_;
};

}  // namespace ashlar::pages
