// git's configuration format (git-config, "Syntax"), as .gitmodules is written in it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace ashlar::git {

struct ConfigSetting {
    std::string section;                    // lower-case
    std::optional<std::string> subsection;  // as written
    std::string key;                        // lower-case
    std::optional<std::string> value;       // nothing: only the key stands there
};

// Calls `visit` for each setting in turn. Fails with `invalid` where the text is none; what came
// before was visited.
Expected<void> read_config_text(std::string_view text,
                                const std::function<void(const ConfigSetting&)>& visit);

}  // namespace ashlar::git
