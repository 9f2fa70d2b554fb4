// The rules for .gitmodules, which a checkout with submodules acts upon: git's fixes for
// CVE-2018-11235, CVE-2018-17456, CVE-2019-19604 and CVE-2020-11008.
#include <algorithm>
#include <string>

#include "git/object/config_text.h"
#include "git/object/fsck.h"

namespace ashlar::git {
namespace {

bool is_separator(char letter) {
    return letter == '/' || letter == '\\';
}

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

bool is_good_name(std::string_view name) {
    if (name.empty()) return false;
    std::size_t start = 0;
    while (true) {
        std::size_t end = start;
        while (end < name.size() && !is_separator(name[end])) ++end;
        if (name.substr(start, end - start) == "..") return false;
        if (end == name.size()) return true;
        start = end + 1;
    }
}

int hex_digit(char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
    return -1;
}

bool decodes_to_newline(std::string_view url) {
    for (std::size_t i = 0; i < url.size(); ++i) {
        if (url[i] == '\n') return true;
        if (url[i] != '%' || i + 2 >= url.size()) continue;
        if (hex_digit(url[i + 1]) == 0 && hex_digit(url[i + 2]) == 10) return true;
    }
    return false;
}

// "../../:host" and "..//host" climb out of the URL that they are resolved against.
bool escapes_its_root(std::string_view url) {
    int climbs = 0;
    while (true) {
        if (starts_with(url, "../") || starts_with(url, "..\\")) {
            ++climbs;
            url.remove_prefix(3);
        } else if (starts_with(url, "./") || starts_with(url, ".\\")) {
            url.remove_prefix(2);
        } else {
            break;
        }
    }
    return climbs > 0 && !url.empty() && (url[0] == ':' || url[0] == '/');
}

// What git would hand to curl: the part behind "http::" and the like, or the URL itself.
bool take_curl_url(std::string_view& url) {
    for (std::string_view scheme : {"http", "https", "ftp", "ftps"}) {
        if (!starts_with(url, scheme)) continue;
        std::string_view rest = url.substr(scheme.size());
        if (starts_with(rest, "://")) return true;
        if (starts_with(rest, "::")) {
            url = rest.substr(2);
            return true;
        }
    }
    return false;
}

bool has_scheme_and_host(std::string_view url) {
    std::size_t colon = url.find("://");
    if (colon == std::string_view::npos || colon == 0) return false;
    std::string_view host = url.substr(colon + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    std::size_t user = host.rfind('@');
    if (user != std::string_view::npos) host.remove_prefix(user + 1);
    return !host.empty() && host[0] != ':';
}

bool is_good_url(std::string_view url) {
    if (starts_with(url, "-")) return false;
    bool relative = starts_with(url, "./") || starts_with(url, "../") || starts_with(url, ".\\") ||
                    starts_with(url, "..\\");
    if (relative || starts_with(url, "git://")) {
        return !decodes_to_newline(url) && !escapes_its_root(url);
    }
    if (take_curl_url(url)) return has_scheme_and_host(url) && !decodes_to_newline(url);
    return true;
}

std::string shown(std::string_view value) {
    constexpr std::size_t kShownMax = 100;
    std::string text;
    for (char letter : value.substr(0, kShownMax)) {
        bool printable = letter >= 0x20 && letter < 0x7f;
        text.push_back(printable ? letter : '?');
    }
    return text;
}

void check_setting(const ConfigSetting& setting, FsckReport& report) {
    if (setting.section != "submodule" || !setting.subsection) return;
    if (!is_good_name(*setting.subsection)) {
        report.add(FsckKind::gitmodules_name,
                   "disallowed submodule name: " + shown(*setting.subsection));
    }
    if (!setting.value) return;
    if (setting.key == "url" && !is_good_url(*setting.value)) {
        report.add(FsckKind::gitmodules_url, "disallowed submodule url: " + shown(*setting.value));
    }
    if (setting.key == "path" && starts_with(*setting.value, "-")) {
        report.add(FsckKind::gitmodules_path,
                   "disallowed submodule path: " + shown(*setting.value));
    }
    if (setting.key == "update" && starts_with(*setting.value, "!")) {
        report.add(FsckKind::gitmodules_update,
                   "disallowed submodule update setting: " + shown(*setting.value));
    }
}

}  // namespace

void fsck_gitmodules(ByteView content, FsckReport& report) {
    if (content.size() > kFsckBlobSizeMax) {
        report.add(FsckKind::gitmodules_large, "a .gitmodules of more than 100 MiB");
        return;
    }
    auto read = read_config_text(as_text(content), [&report](const ConfigSetting& setting) {
        check_setting(setting, report);
    });
    if (!read) {
        report.add(FsckKind::gitmodules_parse, "could not parse: " + read.error().detail);
    }
}

}  // namespace ashlar::git
