#include "git/object/config_text.h"

#include <algorithm>

namespace ashlar::git {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_space(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\v' || letter == '\f';
}

bool is_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

bool is_key_letter(char letter) {
    return is_letter(letter) || (letter >= '0' && letter <= '9') || letter == '-';
}

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

class ConfigReader {
  public:
    ConfigReader(std::string_view text, const std::function<void(const ConfigSetting&)>& visit)
        : text_(text), visit_(visit) {
        if (text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
            text_.remove_prefix(kByteOrderMark.size());
        }
    }

    Expected<void> read() {
        while (at_ < text_.size()) {
            char letter = text_[at_];
            if (is_space(letter) || letter == '\n') {
                ++at_;
            } else if (letter == '#' || letter == ';') {
                skip_line();
            } else if (letter == '[') {
                ++at_;
                ASHLAR_CHECK(read_section());
            } else if (is_letter(letter)) {
                ASHLAR_CHECK(read_setting());
            } else {
                return broken("a line that is neither section nor setting");
            }
        }
        return {};
    }

  private:
    bool ended() const { return at_ >= text_.size(); }
    static Unexpected broken(const char* what) { return fail(ErrorCode::invalid, what); }

    void skip_line() {
        std::size_t end = text_.find('\n', at_);
        at_ = end == std::string_view::npos ? text_.size() : end + 1;
    }

    // [section], [section.subsection] (old), [section "subsection"]
    Expected<void> read_section() {
        setting_.section.clear();
        setting_.subsection.reset();
        while (!ended() && (is_key_letter(text_[at_]) || text_[at_] == '.')) {
            setting_.section.push_back(lower(text_[at_++]));
        }
        std::size_t dot = setting_.section.find('.');
        if (dot != std::string::npos) {
            setting_.subsection = setting_.section.substr(dot + 1);
            setting_.section.resize(dot);
        }
        while (!ended() && is_space(text_[at_])) ++at_;
        if (!ended() && text_[at_] == '"') ASHLAR_CHECK(read_subsection());
        if (ended() || text_[at_] != ']') return broken("a section without its ']'");
        ++at_;
        return {};
    }

    Expected<void> read_subsection() {
        std::string name = setting_.subsection ? *setting_.subsection + "." : std::string();
        for (++at_; !ended() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\n') return broken("a subsection that a line ends");
            if (text_[at_] == '\\') {
                ++at_;
                if (ended() || text_[at_] == '\n') return broken("a subsection that a line ends");
            }
            name.push_back(text_[at_]);
        }
        if (ended()) return broken("a subsection without its end");
        ++at_;
        setting_.subsection = std::move(name);
        return {};
    }

    Expected<void> read_setting() {
        if (setting_.section.empty()) return broken("a setting before any section");
        setting_.key.clear();
        setting_.value.reset();
        while (!ended() && is_key_letter(text_[at_])) setting_.key.push_back(lower(text_[at_++]));
        while (!ended() && is_space(text_[at_])) ++at_;
        if (!ended() && text_[at_] == '=') {
            ++at_;
            ASHLAR_CHECK(read_value());
        } else if (!ended() && text_[at_] != '\n') {
            return broken("a key without '='");
        }
        visit_(setting_);
        return {};
    }

    // Up to the end of the line; spaces around it do not count, unless they are quoted.
    Expected<void> read_value() {
        std::string value;
        std::size_t kept = 0;  // how much of it stays when spaces at the end are cut off
        bool quoted = false;
        for (; !ended() && text_[at_] != '\n'; ++at_) {
            char letter = text_[at_];
            if (!quoted && (letter == '#' || letter == ';')) {
                at_ = std::min(text_.find('\n', at_), text_.size());
                break;
            }
            if (!quoted && is_space(letter)) {
                if (!value.empty()) value.push_back(letter);
                continue;
            }
            if (letter == '"') {
                quoted = !quoted;
                kept = value.size();
                continue;
            }
            if (letter == '\\') {
                ASHLAR_TRY(std::optional<char> escaped, read_escape());
                if (!escaped) continue;
                letter = *escaped;
            }
            value.push_back(letter);
            kept = value.size();
        }
        if (quoted) return broken("a value whose quote is not closed");
        value.resize(kept);
        setting_.value = std::move(value);
        return {};
    }

    // The letter behind a backslash; nothing where the line goes on.
    Expected<std::optional<char>> read_escape() {
        ++at_;
        if (ended()) return broken("a backslash at the end");
        if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
        switch (text_[at_]) {
            case '\n':
                return std::optional<char>();
            case 't':
                return std::optional<char>('\t');
            case 'b':
                return std::optional<char>('\b');
            case 'n':
                return std::optional<char>('\n');
            case '\\':
            case '"':
                return std::optional<char>(text_[at_]);
            default:
                return broken("an unknown escape in a value");
        }
    }

    std::string_view text_;
    const std::function<void(const ConfigSetting&)>& visit_;
    std::size_t at_ = 0;
    ConfigSetting setting_;
};

}  // namespace

Expected<void> read_config_text(std::string_view text,
                                const std::function<void(const ConfigSetting&)>& visit) {
    return ConfigReader(text, visit).read();
}

}  // namespace ashlar::git
