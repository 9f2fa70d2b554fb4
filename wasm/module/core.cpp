#include "core.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "chain/genesis_json.h"
#include "codec/genesis.h"
#include "git/wire/pkt_line.h"
#include "replica/edge.h"

namespace {

using namespace ashlar;

constexpr std::size_t kPieceMax = std::size_t{256} << 10;
constexpr std::size_t kReasonMax = 400;
// Of checked content in memory: some platforms give a host 128 MB for everything.
constexpr std::uint64_t kHeldBytesMax = std::uint64_t{16} << 20;
// Milliseconds that are whole numbers in a double.
constexpr double kTimeMax = 9007199254740991.0;

// The host keeps what was taken, and looks there before it asks an upstream.
class KeptByHost final : public replica::ContentStore {
  public:
    std::shared_ptr<const Bytes> find(const std::string&) override { return nullptr; }
    void keep(const std::string&, std::shared_ptr<const Bytes>) override {}
};

std::string lines_of(const std::vector<std::string>& addresses) {
    std::string lines;
    for (const std::string& address : addresses) lines.append(address).append("\n");
    return lines;
}

// Takes a line from the front.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    return line;
}

api::Request parse_request(ByteView bytes) {
    api::Request request;
    std::string_view text = as_text(bytes);
    request.method = take_line(text);
    request.path = take_line(text);
    request.query = take_line(text);
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.empty()) break;
        const std::size_t colon = std::min(line.find(": "), line.size());
        request.headers.emplace_back(line.substr(0, colon),
                                     line.substr(std::min(line.size(), colon + 2)));
    }
    request.body = to_bytes(text);
    return request;
}

std::string head_of(const api::Response& response) {
    std::string head = std::to_string(response.status) + "\n";
    for (const auto& [name, value] : response.headers) {
        head.append(name).append(": ").append(git::printable_line(value, 8192)).append("\n");
    }
    return head;
}

// "/owner/name..." or "/git/owner/name...", with ".git" or not.
struct Named {
    std::string owner;
    std::string repository;
};
Named named_by(std::string_view path) {
    if (const auto address = api::parse_git_address(path)) {
        return {address->owner, address->repository};
    }
    Named named;
    if (path.starts_with('/')) path.remove_prefix(1);
    const std::string_view owner = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), owner.size() + 1));
    named.owner = api::percent_decode(owner).value_or("");
    named.repository = api::percent_decode(path.substr(0, path.find('/'))).value_or("");
    return named;
}

}  // namespace

struct AshlarCore {
    AshlarCore(forge::Genesis its_genesis, chain::LightClient light)
        : genesis(std::move(its_genesis)),
          replica(std::move(light), store, verifier, replica::ContentsOptions{kHeldBytesMax}),
          pages(markdown, api::PagesOptions{}),
          edge(replica, pages, git::ServerIdentity{"ashlar-edge/" ASHLAR_VERSION, "", ""}) {}

    void say(std::string_view text) { output = to_bytes(text); }

    const forge::Genesis genesis;
    KeptByHost store;
    consensus::Ed25519Verifier verifier;
    replica::Replica replica;
    pages::MarkdownLibrary markdown;
    api::Pages pages;
    replica::Edge edge;
    std::optional<replica::Replica::Findings> findings;
    Bytes output;
};

struct AshlarExchange {
    AshlarExchange(AshlarCore& its_core, api::Request its_request)
        : core(its_core), request(std::move(its_request)) {}

    int needs_or_fails(const Error& error) {
        if (error.code == ErrorCode::needs_data) {
            core.say(lines_of(core.replica.take_wanted()));
            return ASHLAR_NEEDS;
        }
        failed = true;
        core.say(git::printable_line(error.message(), kReasonMax));
        return ASHLAR_FAILED;
    }

    int begin() {
        auto answer = core.edge.respond(request);
        if (!answer) return needs_or_fails(answer.error());
        if (std::holds_alternative<replica::PassOn>(*answer)) return ASHLAR_PASS_ON;
        response = std::get<api::Response>(std::move(*answer));
        core.say(head_of(*response));
        return ASHLAR_HEAD;
    }

    int next_of_range() {
        const std::size_t size =
            static_cast<std::size_t>(std::min<std::uint64_t>(range.length, kPieceMax));
        Bytes piece(size);
        const auto read = range.source->read(range.offset, piece);
        if (!read) return needs_or_fails(read.error());
        range.offset += size;
        range.length -= size;
        core.output = std::move(piece);
        return ASHLAR_BODY;
    }

    int next() {
        if (range.length > 0) return next_of_range();
        if (auto* bytes = std::get_if<Bytes>(&response->body)) {
            if (bytes->empty()) return ASHLAR_END;
            core.output = std::exchange(*bytes, {});
            return ASHLAR_BODY;
        }
        auto chunk = std::get<std::unique_ptr<ChunkStream>>(response->body)->next();
        if (!chunk) return needs_or_fails(chunk.error());
        if (!*chunk) return ASHLAR_END;
        if (auto* bytes = std::get_if<Bytes>(&**chunk)) {
            core.output = std::move(*bytes);
            return ASHLAR_BODY;
        }
        range = std::get<StoredRange>(**chunk);
        return range.length > 0 ? next_of_range() : next();
    }

    AshlarCore& core;
    const api::Request request;
    std::optional<api::Response> response;
    StoredRange range;
    bool failed = false;
};

namespace {

Expected<chain::LightClient> light_client_of(const forge::Genesis& genesis, ByteView state) {
    ASHLAR_CHECK(forge::check(genesis));
    if (state.empty()) return chain::LightClient::from_genesis(genesis);
    ASHLAR_TRY(codec::TrustedState trusted, codec::decode_trusted_state(state));
    if (trusted.chain != codec::chain_id_of(genesis)) {
        return fail(ErrorCode::invalid, "the state is of another network");
    }
    return chain::LightClient::from_state(std::move(trusted));
}

std::string text_of(const std::uint8_t* bytes, std::size_t size) {
    return std::string(as_text(ByteView(bytes, size)));
}

// What is needed first is named also where somebody else asked for it already.
int not_taken(AshlarCore& core, const Error& error) {
    if (error.code == ErrorCode::needs_data) {
        core.say(error.detail + "\n");
        return ASHLAR_NOT_YET;
    }
    core.say(git::printable_line(error.detail, kReasonMax));
    return ASHLAR_REFUSED;
}

std::string path_of(const codec::RepositoryName& name) {
    return "/" + api::percent_encode(name.owner) + "/" + api::percent_encode(name.repository);
}

}  // namespace

extern "C" {

// In the runtime's place, whose own is 44 KB of code for the name of a type in the last words of a
// module that aborts anyway: they name it as the compiler does.
char* __cxa_demangle(const char*, char*, size_t*, int* status) {
    constexpr int kNotDemangled = -2;
    if (status != nullptr) *status = kNotDemangled;
    return nullptr;
}

uint8_t* ashlar_allocate(size_t size) {
    return static_cast<uint8_t*>(std::malloc(size == 0 ? 1 : size));
}

void ashlar_release(uint8_t* bytes) {
    std::free(bytes);
}

AshlarCore* ashlar_begin(const uint8_t* genesis, size_t genesis_size, const uint8_t* state,
                         size_t state_size) {
    auto decoded = codec::decode_genesis(ByteView(genesis, genesis_size));
    if (!decoded) return nullptr;
    auto light = light_client_of(*decoded, ByteView(state, state_size));
    return light ? new AshlarCore(*std::move(decoded), *std::move(light)) : nullptr;
}

void ashlar_end(AshlarCore* core) {
    delete core;
}

const uint8_t* ashlar_output(const AshlarCore* core) {
    return core->output.data();
}

size_t ashlar_output_size(const AshlarCore* core) {
    return core->output.size();
}

int ashlar_answers(AshlarCore* core, const uint8_t* request, size_t size) {
    return core->edge.answers(parse_request(ByteView(request, size))) ? 1 : 0;
}

AshlarExchange* ashlar_start(AshlarCore* core, const uint8_t* request, size_t size) {
    return new AshlarExchange(*core, parse_request(ByteView(request, size)));
}

int ashlar_step(AshlarExchange* exchange) {
    exchange->core.output.clear();
    if (exchange->failed) return ASHLAR_FAILED;
    return exchange->response ? exchange->next() : exchange->begin();
}

void ashlar_finish(AshlarExchange* exchange) {
    delete exchange;
}

int ashlar_take(AshlarCore* core, const uint8_t* address, size_t address_size,
                const uint8_t* answer, size_t answer_size) {
    core->output.clear();
    const std::string name = text_of(address, address_size);
    if (!core->replica.wants(name)) return ASHLAR_NOT_WANTED;
    const auto taken = core->replica.take(name, to_bytes(ByteView(answer, answer_size)));
    return taken ? ASHLAR_TAKEN : not_taken(*core, taken.error());
}

double ashlar_bytes_max(AshlarCore* core, const uint8_t* address, size_t size) {
    return static_cast<double>(core->replica.bytes_max(text_of(address, size)));
}

void ashlar_refuse(AshlarCore* core, const uint8_t* address, size_t address_size,
                   const uint8_t* reason, size_t reason_size, int missing) {
    core->replica.refuse(text_of(address, address_size),
                         {missing != 0 ? ErrorCode::not_found : ErrorCode::unavailable,
                          text_of(reason, reason_size)});
}

void ashlar_refresh(AshlarCore* core, const uint8_t* path, size_t size, double older_than_ms) {
    const Named named = named_by(text_of(path, size));
    const double time_ms = std::clamp(older_than_ms, 0.0, kTimeMax);
    core->replica.refresh(named.owner, named.repository, static_cast<std::uint64_t>(time_ms));
}

void ashlar_forget(AshlarCore* core, const uint8_t* path, size_t size) {
    const Named named = named_by(text_of(path, size));
    core->replica.forget(named.owner, named.repository);
}

void ashlar_hello(AshlarCore* core, int all) {
    const codec::SubscriberMessage message = core->replica.subscription(all != 0);
    const bool is_empty = message.hold.empty() && message.release.empty();
    core->output = is_empty && all == 0 ? Bytes() : codec::encode(message);
}

int ashlar_hear(AshlarCore* core, const uint8_t* message, size_t size) {
    core->output.clear();
    const auto changed = core->replica.hear(ByteView(message, size));
    if (!changed) return not_taken(*core, changed.error());
    std::string lines;
    for (const codec::RepositoryName& name : *changed) lines.append(path_of(name)).append("\n");
    core->say(lines);
    return ASHLAR_TAKEN;
}

void ashlar_unsubscribed(AshlarCore* core) {
    core->replica.unsubscribed();
}

int ashlar_kept_address(AshlarCore* core) {
    core->findings = core->replica.take_findings();
    core->say(core->findings ? core->findings->address : "");
    return core->findings ? 1 : 0;
}

void ashlar_kept_content(AshlarCore* core) {
    core->output = core->findings ? std::move(core->findings->content) : Bytes();
    core->findings.reset();
}

double ashlar_newest_height(AshlarCore* core) {
    return static_cast<double>(core->replica.trusted().height.value);
}

double ashlar_newest_time(AshlarCore* core) {
    return static_cast<double>(core->replica.trusted().time_ms);
}

void ashlar_held(AshlarCore* core) {
    std::string lines;
    for (const replica::HeldRepository& held : core->replica.held()) {
        lines.append(path_of(held.name).substr(1)).append(" ");
        lines.append(std::to_string(held.height.value)).append(" ");
        lines.append(std::to_string(held.time_ms)).append("\n");
    }
    core->say(lines);
}

double ashlar_trusted(AshlarCore* core) {
    core->output = codec::encode(core->replica.trusted());
    return static_cast<double>(core->replica.trusted().height.value);
}

void ashlar_genesis(AshlarCore* core) {
    core->say(chain::to_json(core->genesis));
}

void ashlar_network(AshlarCore* core) {
    core->say(core->replica.trusted().chain.hex());
}

}  // extern "C"
