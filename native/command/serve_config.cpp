#include "native/command/serve_config.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "native/storage/posix_file_system.h"

namespace ashlar::native {
namespace {

constexpr std::size_t kConfigBytesMax = std::size_t{1} << 20;
constexpr std::size_t kPeersMax = 255;
constexpr std::uint64_t kIdleSecondsMax = 24 * 3600;
constexpr std::uint64_t kDelayMsMax = 60'000;

// Thrown within this file alone, as yaml-cpp throws its own.
struct BadConfig {
    std::string what;
};

std::string where(const std::string& file, const YAML::Mark& mark) {
    return mark.is_null() ? file : file + ":" + std::to_string(mark.line + 1);
}

// The values of one mapping by their names, each of which is known and comes once.
class Mapping {
  public:
    Mapping(std::string file, const YAML::Node& node, const std::set<std::string>& known)
        : file_(std::move(file)) {
        if (!node.IsMap()) throw BadConfig{where(file_, node.Mark()) + ": expected \"key: value\""};
        for (const auto& pair : node) {
            const auto name = pair.first.as<std::string>();
            if (known.count(name) == 0) {
                std::string names;
                for (const std::string& one : known) names += (names.empty() ? "" : ", ") + one;
                bad(pair.first, name, "is unknown; there are " + names);
            }
            if (!values_.emplace(name, pair.second).second) bad(pair.first, name, "comes twice");
        }
        mark_ = node.Mark();
    }

    [[noreturn]] void bad(const YAML::Node& at, const std::string& name,
                          const std::string& why) const {
        throw BadConfig{where(file_, at.Mark()) + ": " + name + " " + why};
    }
    const YAML::Node* find(const std::string& name) const {
        const auto found = values_.find(name);
        return found == values_.end() ? nullptr : &found->second;
    }
    std::optional<std::string> text(const std::string& name) const {
        const YAML::Node* node = find(name);
        if (node == nullptr) return std::nullopt;
        if (!node->IsScalar() || node->Scalar().empty()) bad(*node, name, "needs a text");
        return node->Scalar();
    }
    std::string required(const std::string& name) const {
        if (auto value = text(name)) return *value;
        throw BadConfig{where(file_, mark_) + ": " + name + " is missing"};
    }
    std::optional<std::uint64_t> number(const std::string& name, std::uint64_t value_min,
                                        std::uint64_t value_max) const {
        const auto digits = text(name);
        if (!digits) return std::nullopt;
        std::uint64_t value = 0;
        const char* end = digits->data() + digits->size();
        const auto read = std::from_chars(digits->data(), end, value);
        if (read.ec != std::errc() || read.ptr != end || value < value_min || value > value_max) {
            bad(*find(name), name,
                "needs a whole number from " + std::to_string(value_min) + " to " +
                    std::to_string(value_max) + ", not \"" + *digits + "\"");
        }
        return value;
    }
    template <typename Value>
    Value parsed(const std::string& name, Expected<Value> value) const {
        if (!value) bad(*find(name), name, "is wrong: " + value.error().detail);
        return std::move(*value);
    }

  private:
    const std::string file_;
    std::map<std::string, YAML::Node> values_;
    YAML::Mark mark_;
};

peer::PeerAddress read_peer(const std::string& file, const YAML::Node& node, ServeConfig& read) {
    const Mapping peer(file, node, {"key", "address", "follows"});
    const auto key = peer.parsed("key", crypto::PublicKey::from_hex(peer.required("key")));
    auto address = peer.parsed("address", parse_host_and_port(peer.required("address")));
    const std::string follows = peer.text("follows").value_or("false");
    if (follows != "true" && follows != "false") {
        peer.bad(*peer.find("follows"), "follows", "is true or false");
    }
    if (follows == "true") read.followers.insert(key);
    return {key, std::move(address.host), address.port};
}

void read_peers(const std::string& file, const Mapping& config, ServeConfig& read) {
    const YAML::Node* list = config.find("peers");
    if (list == nullptr) return;
    if (!list->IsSequence() || list->size() > kPeersMax) {
        config.bad(*list, "peers", "needs a list of at most " + std::to_string(kPeersMax));
    }
    std::set<crypto::PublicKey> keys;
    for (const YAML::Node& node : *list) {
        read.peers.push_back(read_peer(file, node, read));
        const crypto::PublicKey& key = read.peers.back().key;
        if (!keys.insert(key).second) config.bad(node, "key", "is another peer's");
    }
}

ServeConfig read_config(const std::filesystem::path& path, const YAML::Node& root) {
    const std::string file = path.string();
    const Mapping config(file, root,
                         {"data", "genesis", "key", "http", "listen", "peers", "public_url",
                          "idle_seconds", "expected_delay_ms", "pid_file"});
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    ServeConfig read;
    read.files.folder = folder / config.required("data");
    const auto genesis = config.text("genesis");
    read.files.genesis =
        genesis ? folder / *genesis : read.files.folder / std::string(node::kGenesisFile);
    const auto key = config.text("key");
    read.files.key = key ? folder / *key : read.files.folder / std::string(node::kValidatorKeyFile);
    read.operator_token =
        read.files.genesis.lexically_normal().parent_path() / std::string(node::kOperatorTokenFile);
    if (auto http = config.text("http")) {
        static_cast<void>(config.parsed("http", parse_host_and_port(*http)));
        read.http = *http;
    }
    read.listen = config.parsed("listen", parse_host_and_port(config.required("listen")));
    read_peers(file, config, read);
    read.public_url = config.text("public_url").value_or("");
    read.idle_seconds = config.number("idle_seconds", 1, kIdleSecondsMax).value_or(60);
    read.expected_delay_ms = config.number("expected_delay_ms", 1, kDelayMsMax).value_or(500);
    if (const auto pid_file = config.text("pid_file")) read.pid_file = folder / *pid_file;
    return read;
}

}  // namespace

Expected<HostAndPort> parse_host_and_port(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    HostAndPort read;
    if (colon != std::string_view::npos) {
        std::string_view host = text.substr(0, colon);
        const std::string_view digits = text.substr(colon + 1);
        const bool bracketed = host.starts_with('[') && host.ends_with(']');
        if (bracketed) host = host.substr(1, host.size() - 2);
        const bool is_host = !host.empty() && (bracketed || host.find(':') == host.npos);
        const char* end = digits.data() + digits.size();
        const auto number = std::from_chars(digits.data(), end, read.port);
        if (is_host && number.ec == std::errc() && number.ptr == end) {
            read.host = std::string(host);
            return read;
        }
    }
    return fail(ErrorCode::invalid,
                "an address is HOST:PORT, as in 127.0.0.1:9000, not \"" + std::string(text) + "\"");
}

Expected<ServeConfig> read_serve_config(const std::filesystem::path& path) {
    ASHLAR_TRY(const Bytes content, storage::read_small_file(path, kConfigBytesMax));
    // yaml-cpp throws; nothing of it leaves this function.
    try {
        return read_config(path, YAML::Load(std::string(as_text(content))));
    } catch (const BadConfig& bad) {
        return fail(ErrorCode::invalid, bad.what);
    } catch (const YAML::Exception& exception) {
        return fail(ErrorCode::invalid,
                    where(path.string(), exception.mark) + ": " + exception.msg);
    }
}

}  // namespace ashlar::native
