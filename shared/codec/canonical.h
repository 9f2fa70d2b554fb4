// Canonical Cap'n Proto, and the fence around kj's exceptions. Private to codec.
#pragma once

#include <capnp/message.h>
#include <kj/exception.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::codec {

// A message nests at most this deep; ours nest four levels.
inline constexpr int kNestingMax = 16;
// What any message but a block or a transaction may be long.
inline constexpr std::size_t kRecordBytesMax = std::size_t{1} << 20;

Bytes bytes_of(kj::ArrayPtr<const capnp::word> words);

// Bytes as aligned words. Fails with `invalid` unless they are whole words.
Expected<kj::Array<capnp::word>> to_words(ByteView bytes);

capnp::ReaderOptions reader_options(std::size_t word_count);

inline capnp::Data::Reader data_of(ByteView bytes) {
    return {bytes.data(), bytes.size()};
}
inline ByteView view_of(capnp::Data::Reader data) {
    return {data.begin(), data.size()};
}
inline capnp::Text::Reader text_of(const std::string& text) {
    return {text.c_str(), text.size()};
}
inline std::string string_of(capnp::Text::Reader text) {
    return {text.begin(), text.size()};
}

// Exactly as many bytes as the value has; the optional one may be empty.
template <typename Value>
Expected<Value> fixed(capnp::Data::Reader data) {
    return Value::from_bytes(view_of(data));
}
template <typename Value>
Expected<std::optional<Value>> optional_fixed(capnp::Data::Reader data) {
    if (data.size() == 0) return std::nullopt;
    ASHLAR_TRY(Value value, Value::from_bytes(view_of(data)));
    return value;
}

// `fill` writes into the builder of a new message's root.
template <typename Schema, typename Fill>
Bytes encode_canonical(const Fill& fill) {
    capnp::MallocMessageBuilder message;
    typename Schema::Builder root = message.initRoot<Schema>();
    fill(root);
    return bytes_of(capnp::canonicalize(root.asReader()));
}

// `read` turns the root's reader into an Expected<Value>. Accepts only the bytes that
// `encode_again` gives for it; every other failure, of kj's too, is `invalid`.
template <typename Schema, typename Value, typename Read>
Expected<Value> decode_canonical(ByteView bytes, const char* what, std::size_t size_max,
                                 Bytes (*encode_again)(const Value&), const Read& read) {
    const auto named = [&](const std::string& why) {
        return fail(ErrorCode::invalid, std::string(what) + ": " + why);
    };
    if (bytes.size() > size_max) {
        return fail(ErrorCode::limit_exceeded,
                    std::string(what) + ": longer than " + std::to_string(size_max) + " bytes");
    }
    try {
        auto words = to_words(bytes);
        if (!words) return named(words.error().detail);
        const kj::ArrayPtr<const capnp::word> segments[] = {words->asPtr()};
        capnp::SegmentArrayMessageReader message(kj::arrayPtr(segments, 1),
                                                 reader_options(words->size()));
        Expected<Value> value = read(message.getRoot<Schema>());
        if (!value) return named(value.error().detail);
        const Bytes again = encode_again(*value);
        if (again.size() != bytes.size() ||
            !std::equal(again.begin(), again.end(), bytes.begin())) {
            return named("is not in canonical encoding");
        }
        return value;
    } catch (const kj::Exception& exception) {
        return named(exception.getDescription().cStr());
    }
}

}  // namespace ashlar::codec
