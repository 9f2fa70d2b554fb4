#include "pages/templates.h"

#include <algorithm>
#include <optional>

#include "base/assert.h"
#include "pages/text.h"

namespace ashlar::pages {

namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kBlanks = " \t";

std::string_view trim(std::string_view text) {
    std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

class Templates::Compiler {
  public:
    explicit Compiler(const TemplateSource& source) : source_(source), rest_(source.text) {}

    Expected<Program> run() {
        while (true) {
            std::size_t open = rest_.find(kOpen);
            if (open == std::string_view::npos) break;
            std::size_t close = rest_.find(kClose, open);
            if (close == std::string_view::npos) return error("a tag is not closed");
            std::string_view inside = rest_.substr(open + 2, close - open - 2);
            if (inside.empty()) return error("an empty tag");
            cut_tag(open, close + kClose.size(), inside.front());
            ASHLAR_CHECK(add_tag(inside));
        }
        add_text(rest_);
        if (!open_sections_.empty()) return error("a section is not closed");
        return std::move(program_);
    }

  private:
    Unexpected error(std::string_view what) const {
        auto read = static_cast<std::ptrdiff_t>(source_.text.size() - rest_.size());
        auto line = 1 + std::count(source_.text.begin(), source_.text.begin() + read, '\n');
        return fail(ErrorCode::invalid, "template " + std::string(source_.name) + ", line " +
                                            std::to_string(line) + ": " + std::string(what));
    }

    void add_text(std::string_view text) {
        if (!text.empty()) program_.push_back({Kind::text, text, 0});
    }

    // Adds the text before the tag and leaves what follows it.
    void cut_tag(std::size_t open, std::size_t end, char sigil) {
        std::string_view before = rest_.substr(0, open);
        std::string_view after = rest_.substr(end);
        if (std::string_view("#^/>!").find(sigil) != std::string_view::npos) {
            std::size_t line_start = before.find_last_not_of(kBlanks);
            line_start = line_start == std::string_view::npos ? 0 : line_start + 1;
            bool starts_line = line_start == 0 ? at_line_start_ : before[line_start - 1] == '\n';
            std::size_t line_end = after.find_first_not_of(kBlanks);
            bool ends_line = line_end == std::string_view::npos || after[line_end] == '\n';
            if (starts_line && ends_line) {
                before = before.substr(0, line_start);
                after.remove_prefix(line_end == std::string_view::npos ? after.size()
                                                                       : line_end + 1);
                at_line_start_ = true;
                add_text(before);
                rest_ = after;
                return;
            }
        }
        at_line_start_ = false;
        add_text(before);
        rest_ = after;
    }

    Expected<void> add_tag(std::string_view inside) {
        std::string_view name = trim(inside.substr(1));
        switch (inside.front()) {
            case '!':
                return {};
            case '#':
            case '^':
                open_sections_.push_back(program_.size());
                if (open_sections_.size() > kTemplateDepthMax) return error("too deep");
                program_.push_back(
                    {inside.front() == '#' ? Kind::section : Kind::inverted, name, 0});
                return {};
            case '/':
                return close_section(name);
            case '>':
                program_.push_back({Kind::partial, name, 0});
                return {};
            case '{':
            case '&':
            case '=':
                return error("unescaped variables and other delimiters are not served");
            default:
                program_.push_back({Kind::variable, trim(inside), 0});
                return {};
        }
    }

    Expected<void> close_section(std::string_view name) {
        if (open_sections_.empty()) return error("a section ends that never began");
        Node& section = program_[open_sections_.back()];
        if (section.text != name) return error("a section ends under another name");
        section.end = program_.size();
        open_sections_.pop_back();
        return {};
    }

    const TemplateSource& source_;
    std::string_view rest_;
    bool at_line_start_ = true;
    Program program_;
    std::vector<std::size_t> open_sections_;
};

// Recursion follows the nesting of our own templates, never of what they are filled with.
class Templates::Renderer {
  public:
    Renderer(const Templates& templates, std::string& out) : templates_(templates), out_(out) {}

    void run(std::string_view name, const Value& value) {
        scopes_.push_back(&value);
        render_template(name);
        scopes_.pop_back();
    }

  private:
    void render_template(std::string_view name) {
        auto program = templates_.programs_.find(name);
        ASHLAR_ASSERT(program != templates_.programs_.end());
        ++depth_;
        ASHLAR_ASSERT(depth_ <= kTemplateDepthMax);
        render_nodes(program->second, 0, program->second.size());
        --depth_;
    }

    void render_nodes(const Program& program, std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
            const Node& node = program[i];
            switch (node.kind) {
                case Kind::text:
                    out_.append(node.text);
                    break;
                case Kind::variable:
                    render_variable(node.text);
                    break;
                case Kind::partial:
                    render_template(node.text);
                    break;
                case Kind::section:
                    render_section(program, i);
                    i = node.end - 1;
                    break;
                case Kind::inverted: {
                    const Value* value = look_up(node.text);
                    if (value == nullptr || !value->truthy())
                        render_nodes(program, i + 1, node.end);
                    i = node.end - 1;
                    break;
                }
            }
        }
    }

    void render_variable(std::string_view name) {
        const Value* value = look_up(name);
        if (value == nullptr) return;
        if (const Html* html = value->html()) {
            out_.append(html->text);
        } else if (const std::string* text = value->text()) {
            append_escaped_html(out_, *text);
        }
    }

    void render_section(const Program& program, std::size_t index) {
        const Node& node = program[index];
        const Value* value = look_up(node.text);
        if (value == nullptr || !value->truthy()) return;
        if (const Value::List* items = value->list()) {
            for (const Value& item : *items) render_scope(program, index, item);
        } else {
            render_scope(program, index, *value);
        }
    }

    void render_scope(const Program& program, std::size_t index, const Value& value) {
        scopes_.push_back(&value);
        render_nodes(program, index + 1, program[index].end);
        scopes_.pop_back();
    }

    const Value* look_up(std::string_view name) const {
        if (name == ".") return scopes_.back();
        for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
            if (const Value* value = (*scope)->find(name)) return value;
        }
        return nullptr;
    }

    const Templates& templates_;
    std::string& out_;
    std::vector<const Value*> scopes_;
    std::size_t depth_ = 0;
};

Expected<Templates> Templates::compile(std::span<const TemplateSource> sources) {
    Templates templates;
    for (const TemplateSource& source : sources) {
        ASHLAR_TRY(Program program, Compiler(source).run());
        templates.programs_.insert_or_assign(source.name, std::move(program));
    }
    for (const auto& [name, program] : templates.programs_) {
        for (const Node& node : program) {
            if (node.kind != Kind::partial || templates.programs_.contains(node.text)) continue;
            return fail(ErrorCode::invalid, "template " + std::string(name) +
                                                " asks for the partial " + std::string(node.text) +
                                                ", which does not exist");
        }
    }
    return templates;
}

Html Templates::render(std::string_view name, const Value& value) const {
    Html page;
    Renderer(*this, page.text).run(name, value);
    return page;
}

}  // namespace ashlar::pages
