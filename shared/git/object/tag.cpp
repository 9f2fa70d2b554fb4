#include "git/object/tag.h"

#include "git/object/header_lines.h"

namespace ashlar::git {

Expected<TagView> parse_tag(ByteView content) {
    TagView tag;
    std::string_view text = as_text(content);
    auto object = take_header_line(text, "object");
    std::optional<ObjectId> id = object ? parse_hex_id(*object) : std::nullopt;
    if (!id) return fail(ErrorCode::invalid, "a tag without an 'object' line");
    auto type_name = take_header_line(text, "type");
    std::optional<ObjectType> type = type_name ? object_type_from(*type_name) : std::nullopt;
    if (!type) return fail(ErrorCode::invalid, "a tag without a 'type' line");
    auto name = take_header_line(text, "tag");
    if (!name) return fail(ErrorCode::invalid, "a tag without a 'tag' line");
    tag.target = {*id, *type};
    tag.name = *name;
    if (auto tagger = take_header_line(text, "tagger")) tag.tagger = parse_identity(*tagger);
    // Other headers (a signature) end with the first empty line.
    std::size_t end = text.substr(0, 1) == "\n" ? 0 : text.find("\n\n");
    if (end != std::string_view::npos) tag.message = text.substr(end + (end == 0 ? 1 : 2));
    return tag;
}

}  // namespace ashlar::git
