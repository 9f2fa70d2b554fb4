// The network, live, and its blocks.
#include <charconv>

#include "api/page/answer_pages.h"
#include "codec/block.h"
#include "pages/text.h"

namespace ashlar::api::page {

namespace {

constexpr std::size_t kBlocksPerPage = 25;
constexpr std::size_t kDigestDigits = 12;
constexpr std::string_view kRefreshSeconds = "3";

std::int64_t seconds_of(std::uint64_t time_ms) {
    return static_cast<std::int64_t>(time_ms / 1000);
}

// "4 seconds ago"; what is ahead of the clock is now.
std::string age_of(std::uint64_t time_ms, std::uint64_t now_ms) {
    const std::uint64_t seconds = now_ms > time_ms ? (now_ms - time_ms) / 1000 : 0;
    const auto ago = [](std::uint64_t count, std::string_view unit) {
        std::string text = std::to_string(count) + " ";
        text.append(unit).append(count == 1 ? " ago" : "s ago");
        return text;
    };
    if (seconds < 1) return "now";
    if (seconds < 120) return ago(seconds, "second");
    if (seconds < 2 * 3600) return ago(seconds / 60, "minute");
    if (seconds < 2 * 86'400) return ago(seconds / 3600, "hour");
    return pages::short_date(seconds_of(time_ms), 0);
}

void set_time(Value& value, std::uint64_t time_ms, std::uint64_t now_ms) {
    value.set("datetime", pages::iso_time(seconds_of(time_ms), 0));
    value.set("readable", pages::readable_time(seconds_of(time_ms), 0));
    value.set("age", age_of(time_ms, now_ms));
}

std::string counted(std::uint64_t count, std::string_view what) {
    return pages::human_count(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string block_href(std::uint64_t height) {
    return "/network/blocks/" + std::to_string(height);
}

std::string name_of(const forge::Validator& validator) {
    return validator.name.empty() ? "validator" : pages::visible_name(validator.name);
}

Value figure(std::string_view name, std::string value, std::string note) {
    Value item;
    item.set("name", name).set("value", std::move(value)).set("note", std::move(note));
    return item;
}

Value::List figures_of(const NetworkStatus& status) {
    const std::uint64_t behind = status.final_height.value > status.applied_height.value
                                     ? status.final_height.value - status.applied_height.value
                                     : 0;
    return {figure("Height", pages::human_count(status.applied_height.value),
                   behind == 0 ? "final and applied here" : counted(behind, "block") + " behind"),
            figure("Last block", age_of(status.applied_block_ms, status.now_ms),
                   pages::readable_time(seconds_of(status.applied_block_ms), 0)),
            figure("View", pages::human_count(status.view.value),
                   "of epoch " + std::to_string(status.epoch.value)),
            figure("Waiting", pages::human_count(status.waiting_transactions),
                   status.waiting_transactions == 1 ? "transaction" : "transactions")};
}

Value::List validators_of(const NetworkStatus& status) {
    Value::List items;
    for (const NetworkValidator& validator : status.validators) {
        Value item;
        item.set("name", name_of(validator.record)).set("key", validator.record.key.hex());
        item.set("state", to_string(validator.health)).set("leads", validator.leads);
        item.set("is_self", validator.is_self);
        item.set("last_vote", validator.last_vote.value == 0
                                  ? std::string("no vote yet")
                                  : "view " + pages::human_count(validator.last_vote.value));
        items.push_back(std::move(item));
    }
    return items;
}

Value describe_header(const ledger::BlockHeader& header, std::uint64_t now_ms) {
    Value item;
    item.set("height", pages::human_count(header.height.value));
    item.set("href", block_href(header.height.value));
    item.set("digest", codec::digest_of(header).hex().substr(0, kDigestDigits));
    item.set("transactions", header.transaction_count == 0
                                 ? std::string("heartbeat")
                                 : counted(header.transaction_count, "transaction"));
    if (header.height.value == 0) item.set("transactions", "the beginning");
    item.set("ends_epoch", header.next_validators.has_value());
    set_time(item, header.time_ms, now_ms);
    return item;
}

// The name in the current set, where the validator is still there.
std::string name_in(const NetworkStatus& status, const crypto::PublicKey& key) {
    for (const NetworkValidator& validator : status.validators) {
        if (validator.record.key == key) return name_of(validator.record);
    }
    return "a former validator";
}

Expected<void> set_evidence(Value& model, const Context& context, const NetworkStatus& status) {
    ASHLAR_TRY(const auto records, context.network->evidence(kEvidenceShownMax));
    if (records.empty()) return {};
    Value::List items;
    for (const codec::EvidenceRecord& record : records) {
        const ledger::Round& round = record.evidence.first.subject.round();
        Value item;
        item.set("name", name_in(status, record.validator)).set("key", record.validator.hex());
        item.set("what", api::describe(record.evidence));
        item.set("view", pages::human_count(round.view.value));
        item.set("epoch", std::to_string(round.epoch.value));
        set_time(item, record.seen_ms, status.now_ms);
        items.push_back(std::move(item));
    }
    Value evidence;
    evidence.set("items", std::move(items));
    model.set("evidence", std::move(evidence));
    return {};
}

// Of a whole number and nothing else.
std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return whole && !text.empty() ? std::optional(number) : std::nullopt;
}

Value network_crumbs(std::string name, std::string href) {
    Value network;
    network.set("name", "Network").set("href", "/network").set("last", name.empty());
    Value::List items{std::move(network)};
    if (!name.empty()) {
        Value last;
        last.set("name", std::move(name)).set("href", std::move(href)).set("last", true);
        items.push_back(std::move(last));
    }
    Value crumbs;
    crumbs.set("items", std::move(items));
    return crumbs;
}

void set_live(Value& model, const Context& context, bool is_newest) {
    const bool is_still = !context.parameter("still").empty();
    if (!is_newest) {
        model.set("live_href", "/network").set("live_name", "Latest");
        return;
    }
    model.set("live_href", is_still ? "/network" : "/network?still=1");
    model.set("live_name", is_still ? "Go on" : "Pause");
    model.set("live_text", is_still ? "Paused" : "Live");
    if (is_still) return;
    model.set("script_href", context.site.script_href).set("live_seconds", kRefreshSeconds);
}

Expected<void> set_blocks(Value& model, const Context& context, const chain::StateReader& state,
                          std::uint64_t now_ms) {
    ASHLAR_TRY(const ledger::BlockHeader head, state.head());
    const auto below = number_in(context.parameter("below"));
    const bool is_newest = !below || *below > head.height.value;
    const std::uint64_t from = is_newest ? head.height.value : (*below == 0 ? 0 : *below - 1);
    ASHLAR_TRY(const auto headers, view_headers(state, ledger::Height(from), kBlocksPerPage));
    Value::List blocks;
    for (const ledger::BlockHeader& header : headers) {
        blocks.push_back(describe_header(header, now_ms));
    }
    model.set("blocks", std::move(blocks));
    model.set("blocks_heading", is_newest ? "Latest blocks" : "Blocks");
    if (!is_newest) model.set("first_href", "/network");
    if (!headers.empty() && headers.back().height.value > 0) {
        model.set("next_href", "/network?below=" + std::to_string(headers.back().height.value));
    }
    set_live(model, context, is_newest);
    return {};
}

Value fact(std::string_view name, std::string value, std::string href = {}) {
    Value item;
    item.set("name", name).set("value", std::move(value)).set("href", std::move(href));
    return item;
}

Value::List facts_of(const BlockView& block) {
    const ledger::BlockHeader& header = block.header;
    Value::List facts{fact("Digest", block.digest.hex())};
    if (header.height.value > 0) {
        facts.push_back(fact("Parent", header.parent.hex(), block_href(header.height.value - 1)));
    }
    facts.push_back(fact("Epoch", std::to_string(header.epoch.value)));
    facts.push_back(fact("State", header.state_root.hex()));
    facts.push_back(fact("Transactions", header.transactions_root.hex()));
    if (header.next_validators) {
        facts.push_back(fact("Next validators", header.next_validators->hex()));
    }
    return facts;
}

void set_transactions(Value& model, const BlockView& block) {
    model.set("transactions_heading", counted(block.header.transaction_count, "transaction"));
    if (block.transactions.empty()) return;
    Value::List items;
    for (const TransactionView& transaction : block.transactions) {
        Value item;
        item.set("kind", transaction.kind).set("id", transaction.id.hex());
        item.set("summary", pages::visible_name(transaction.summary));
        Value::List details;
        for (const std::string& detail : transaction.details) {
            details.emplace_back(pages::visible_name(detail));
        }
        item.set("details", std::move(details));
        item.set("author", transaction.author_login
                               ? *transaction.author_login
                               : "account " + std::to_string(transaction.author.value));
        item.set("size", pages::human_size(transaction.bytes));
        items.push_back(std::move(item));
    }
    Value transactions;
    transactions.set("items", std::move(items));
    model.set("transactions", std::move(transactions));
    const std::uint64_t count = block.header.transaction_count;
    if (count > block.transactions.size()) {
        model.set("more", counted(count - block.transactions.size(), "more transaction") +
                              " are in this block, and not listed here.");
    }
}

void set_signers(Value& model, const BlockView& block) {
    if (!block.finalization) {
        model.set("certificate", block.header.height.value == 0
                                     ? "nobody: everybody begins with it"
                                     : "nobody alone: final as the ancestor of a later block");
        return;
    }
    model.set("certificate", counted(block.signers.size(), "validator") + " in view " +
                                 pages::human_count(block.finalization->view().value));
    Value::List items;
    for (const forge::Validator& signer : block.signers) {
        Value item;
        item.set("name", name_of(signer)).set("key", signer.key.hex());
        items.push_back(std::move(item));
    }
    Value signers;
    signers.set("items", std::move(items));
    model.set("signers", std::move(signers));
}

}  // namespace

Expected<Answer> network_page(const Context& context) {
    ASHLAR_TRY(const NetworkStatus status, context.network->status());
    const auto state = context.network->state();
    Page page;
    page.template_name = "network";
    page.model = begin_model(context, "Network");
    page.model.set("crumbs", network_crumbs("", ""));
    page.model.set("network_name", pages::visible_name(status.name));
    page.model.set("ready", status.ready);
    page.model.set("why_not_ready", pages::visible_name(status.why_not_ready));
    page.model.set("figures", figures_of(status)).set("validators", validators_of(status));
    page.model.set("quorum", std::to_string(status.quorum) + " of " +
                                 std::to_string(status.validators.size()) + " decide");
    ASHLAR_CHECK(set_blocks(page.model, context, *state, status.now_ms));
    ASHLAR_CHECK(set_evidence(page.model, context, status));
    return page;
}

Expected<Answer> block_page(const Context& context) {
    const auto height = number_in(context.route.rest);
    if (!height) return fail(ErrorCode::not_found, "a block is named by its height");
    const auto state = context.network->state();
    ASHLAR_TRY(const ledger::BlockHeader head, state->head());
    if (*height > head.height.value) {
        return fail(ErrorCode::not_found, "there is no block of this height yet");
    }
    ASHLAR_TRY(const BlockView block, view_block(*state, context.viewer, ledger::Height(*height)));
    Page page;
    page.template_name = "block";
    const std::string name = "Block " + pages::human_count(*height);
    page.model = begin_model(context, name);
    page.model.set("crumbs", network_crumbs(name, block_href(*height)));
    page.model.set("height", pages::human_count(*height));
    page.model.set("ends_epoch", block.header.next_validators.has_value());
    page.model.set("datetime", pages::iso_time(seconds_of(block.header.time_ms), 0));
    page.model.set("readable", pages::readable_time(seconds_of(block.header.time_ms), 0));
    page.model.set("facts", facts_of(block));
    set_transactions(page.model, block);
    set_signers(page.model, block);
    if (*height > 0) page.model.set("previous_href", block_href(*height - 1));
    if (*height < head.height.value) page.model.set("next_href", block_href(*height + 1));
    return page;
}

}  // namespace ashlar::api::page
