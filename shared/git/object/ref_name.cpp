#include "git/object/ref_name.h"

#include <string>

namespace ashlar::git {
namespace {

constexpr std::string_view kLockSuffix = ".lock";

bool ends_with(std::string_view text, std::string_view suffix) {
    return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

Unexpected refuse(std::string_view why) {
    return fail(ErrorCode::invalid, "a ref name " + std::string(why));
}

Expected<void> check_letters(std::string_view name) {
    for (char letter : name) {
        auto byte = static_cast<unsigned char>(letter);
        if (byte < 0x20 || byte == 0x7f) return refuse("with a control character");
        if (std::string_view(" ~^:?*[\\").find(letter) != std::string_view::npos) {
            return refuse(std::string("with '") + letter + "'");
        }
    }
    return {};
}

Expected<void> check_component(std::string_view component) {
    if (component.empty()) return refuse("with an empty component");
    if (component[0] == '.') return refuse("with a component that begins with '.'");
    if (ends_with(component, kLockSuffix)) return refuse("with a component that ends in '.lock'");
    return {};
}

}  // namespace

Expected<void> check_ref_name(std::string_view name) {
    if (name.empty()) return refuse("that is empty");
    if (name.size() > kRefNameSizeMax) return refuse("longer than 1024 bytes");
    ASHLAR_CHECK(check_letters(name));
    if (name.find("..") != std::string_view::npos) return refuse("with '..'");
    if (name.find("@{") != std::string_view::npos) return refuse("with '@{'");
    if (name.back() == '.') return refuse("that ends with '.'");
    std::string_view rest = name;
    std::size_t component_count = 0;
    while (true) {
        std::size_t slash = rest.find('/');
        ASHLAR_CHECK(check_component(rest.substr(0, slash)));
        ++component_count;
        if (slash == std::string_view::npos) break;
        rest.remove_prefix(slash + 1);
    }
    if (component_count < 2) return refuse("without a '/'");
    return {};
}

Expected<void> check_pushed_ref_name(std::string_view name) {
    ASHLAR_CHECK(check_ref_name(name));
    if (name.substr(0, 5) != "refs/") return refuse("that does not begin with 'refs/'");
    return {};
}

}  // namespace ashlar::git
