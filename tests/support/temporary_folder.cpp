#include "support/temporary_folder.h"

#include <stdlib.h>

#include <string>
#include <system_error>

#include "base/assert.h"

namespace ashlar::support {

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ashlar-test-XXXXXX").string();
    ASHLAR_ASSERT(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace ashlar::support
