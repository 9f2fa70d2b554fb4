#include "native/api/node_repositories.h"

#include <charconv>

#include "codec/record_paths.h"
#include "codec/records.h"
#include "forge/names.h"
#include "ledger/storage_keys.h"

namespace ashlar::native {

namespace {

// Where a list goes on: an owner, by folded login, and how many of their repositories were listed.
// As text: "alice/30".
struct Cursor {
    std::string login;
    std::uint64_t listed = 0;

    std::string text() const { return login + "/" + std::to_string(listed); }
};

Expected<Cursor> parse_cursor(std::string_view text) {
    Cursor cursor;
    if (text.empty()) return cursor;
    std::size_t slash = text.find('/');
    std::string_view number = slash == std::string_view::npos ? "" : text.substr(slash + 1);
    auto parsed = std::from_chars(number.data(), number.data() + number.size(), cursor.listed);
    bool whole = parsed.ec == std::errc() && parsed.ptr == number.data() + number.size();
    if (number.empty() || !whole) {
        return fail(ErrorCode::invalid, "a list cannot go on after \"" + std::string(text) + "\"");
    }
    cursor.login = forge::fold_name(text.substr(0, slash));
    return cursor;
}

struct Listing {
    const chain::StateReader& state;
    const api::Viewer& viewer;
    std::size_t count_max;
    api::RepositoryList result;

    bool full() const { return !result.next.empty(); }

    // Adds what the viewer may see of the owner's, as far as there is room.
    Expected<void> add_repositories_of(const forge::Account& owner, std::uint64_t listed) {
        auto visible = [this](const forge::Repository& repository) {
            return forge::may(viewer, repository, forge::RepositoryAction::read) ==
                   forge::Permission::allowed;
        };
        std::size_t room = count_max - result.repositories.size();
        ASHLAR_TRY(auto found, state.repositories_of(owner.id, {listed, room + 1}, visible));
        for (std::size_t i = 0; i < std::min(room, found.size()); ++i) {
            result.repositories.push_back({owner.login, std::move(found[i])});
        }
        if (found.size() > room) {
            result.next = Cursor{forge::fold_name(owner.login), listed + room}.text();
        }
        return {};
    }

    // All owners, in the order of their logins.
    Expected<void> add_all(const Cursor& cursor) {
        Expected<void> outcome;
        auto visit = [&](ByteView key, ByteView value) {
            auto id = codec::decode_id(value);
            if (!id) {
                outcome = fail(ErrorCode::corrupt, "the record of a login");
                return false;
            }
            auto owner = state.account(forge::AccountId(*id));
            if (!owner) {
                outcome = Unexpected(owner.error());
                return false;
            }
            bool goes_on = as_text(key).ends_with("/" + cursor.login);
            outcome = add_repositories_of(*owner, goes_on ? cursor.listed : 0);
            return outcome && !full();
        };
        Bytes from =
            ledger::storage_key(ledger::storage_prefix::kState, codec::login_path(cursor.login));
        Bytes prefix = ledger::storage_key(ledger::storage_prefix::kState, codec::login_path(""));
        ASHLAR_CHECK(state.rows().scan(from, end_of_prefix(prefix), visit));
        return outcome;
    }
};

}  // namespace

Expected<api::RepositoryList> NodeRepositories::list(const api::Viewer& viewer,
                                                     std::optional<std::string_view> owner,
                                                     std::string_view after,
                                                     std::size_t count_max) {
    ASHLAR_TRY(Cursor cursor, parse_cursor(after));
    auto state = node_.state();
    Listing listing{*state, viewer, std::min(count_max, chain::kPageCountMax - 1), {}};
    if (owner) {
        ASHLAR_TRY(forge::Account account, state->account(*owner));
        ASHLAR_CHECK(listing.add_repositories_of(account, cursor.listed));
    } else {
        ASHLAR_CHECK(listing.add_all(cursor));
    }
    return std::move(listing.result);
}

Expected<api::OpenRepository> NodeRepositories::open(const api::Viewer& viewer,
                                                     std::string_view owner,
                                                     std::string_view name) {
    ASHLAR_TRY(node::RepositoryView view,
               node_.open_repository(viewer, owner, name, forge::RepositoryAction::read));
    api::OpenRepository repository;
    repository.card = {view.owner.login, view.repository};
    repository.refs = view.refs;
    repository.objects = view.objects();
    return repository;
}

}  // namespace ashlar::native
