// Records that stand inside of other messages too. Private to codec.
#pragma once

#include <schema/record.capnp.h>

#include "codec/canonical.h"
#include "forge/records.h"

namespace ashlar::codec {

void fill(schema::PackReference::Builder builder, const forge::PackReference& pack);
Expected<forge::PackReference> read(schema::PackReference::Reader reader);

void fill(schema::Settings::Builder builder, const forge::Settings& settings);
forge::Settings read(schema::Settings::Reader reader);

void fill(schema::Validator::Builder builder, const forge::Validator& validator);
Expected<forge::Validator> read(schema::Validator::Reader reader);

void fill(capnp::List<schema::Validator>::Builder builder,
          const std::vector<forge::Validator>& validators);
Expected<std::vector<forge::Validator>> read(capnp::List<schema::Validator>::Reader reader);

Expected<forge::AccountKind> read(schema::AccountKind kind);
schema::AccountKind schema_of(forge::AccountKind kind);
Expected<forge::Visibility> read(schema::Visibility visibility);
schema::Visibility schema_of(forge::Visibility visibility);

// Fails with `invalid` where a bit has no meaning.
Expected<forge::ScopeSet> read_scopes(std::uint32_t bits);

// 0 stands for none.
inline std::optional<std::uint64_t> optional_time(std::uint64_t time_ms) {
    return time_ms == 0 ? std::nullopt : std::optional<std::uint64_t>(time_ms);
}

}  // namespace ashlar::codec
