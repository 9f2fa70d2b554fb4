#include "native/api/json_reader.h"

#include <simdjson.h>

#include <limits>
#include <utility>

namespace ashlar::native {

namespace {

namespace dom = simdjson::dom;

// The document's depth is bounded before this walks it, so the recursion is, too.
class Reader {
  public:
    Expected<JsonValue> read(dom::element element) {
        if (++count_ > kJsonValuesMax) {
            return fail(ErrorCode::limit_exceeded, "too many values in the JSON document");
        }
        JsonValue result;
        switch (element.type()) {
            case dom::element_type::NULL_VALUE:
                return result;
            case dom::element_type::BOOL:
                result.value = bool(element);
                return result;
            case dom::element_type::INT64:
                result.value = std::int64_t(element);
                return result;
            case dom::element_type::UINT64:
                result.value = std::uint64_t(element);
                return result;
            case dom::element_type::DOUBLE:
                result.value = double(element);
                return result;
            case dom::element_type::STRING:
                result.value = std::string(std::string_view(element));
                return result;
            case dom::element_type::ARRAY:
                return read_array(element);
            case dom::element_type::OBJECT:
                return read_object(element);
        }
        return fail(ErrorCode::invalid, "an unknown kind of JSON value");
    }

  private:
    Expected<JsonValue> read_array(dom::array array) {
        JsonArray result;
        for (dom::element element : array) {
            ASHLAR_TRY(JsonValue value, read(element));
            result.push_back(std::move(value));
        }
        return JsonValue{std::move(result)};
    }

    Expected<JsonValue> read_object(dom::object object) {
        JsonObject result;
        for (dom::key_value_pair member : object) {
            ASHLAR_TRY(JsonValue value, read(member.value));
            bool added = result.emplace(std::string(member.key), std::move(value)).second;
            if (!added) {
                return fail(ErrorCode::invalid, "the key \"" + std::string(member.key) +
                                                    "\" stands twice in one object");
            }
        }
        return JsonValue{std::move(result)};
    }

    std::size_t count_ = 0;
};

}  // namespace

std::optional<std::int64_t> JsonValue::integer() const {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
    return std::nullopt;
}

Expected<JsonValue> read_json(ByteView document) {
    if (document.size() > kJsonBytesMax) {
        return fail(ErrorCode::limit_exceeded, "the JSON document is larger than 1 MiB");
    }
    dom::parser parser(kJsonBytesMax);
    if (parser.allocate(document.size() + 1, kJsonDepthMax)) {
        return fail(ErrorCode::unavailable, "no memory for the JSON document");
    }
    dom::element root;
    simdjson::padded_string padded(as_text(document));
    auto error = parser.parse(padded).get(root);
    if (error == simdjson::DEPTH_ERROR) {
        return fail(ErrorCode::limit_exceeded, "the JSON document is nested too deeply");
    }
    if (error) {
        return fail(ErrorCode::invalid,
                    std::string("Problems parsing JSON: ") + simdjson::error_message(error));
    }
    return Reader().read(root);
}

}  // namespace ashlar::native
