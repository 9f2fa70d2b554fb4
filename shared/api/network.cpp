#include "api/network.h"

#include <algorithm>

#include "chain/voters.h"
#include "codec/block.h"
#include "codec/transaction.h"
#include "crypto/ssh.h"
#include "forge/names.h"

namespace ashlar::api {

namespace {

// How many refs of one push are looked up to be listed; all are counted.
constexpr std::size_t kDetailsMax = 20;

std::string counted(std::size_t count, std::string_view what) {
    return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

// Decides what of an action the viewer may know, and says that. What was private once is judged by
// the state of now: a repository that nobody may see any more (or that is gone) is not named, nor
// is a ref that it has no more, but to those who run it.
class Describer {
  public:
    Describer(const chain::StateReader& state, const forge::Viewer& viewer, TransactionView& view)
        : state_(state), viewer_(viewer), view_(view) {}

    Expected<void> operator()(const forge::CreateAccount& action) {
        return tell(
            (action.kind == forge::AccountKind::organization ? "organization " : "account ") +
            action.login);
    }
    Expected<void> operator()(const forge::CreateToken& action) {
        if (!manages_tokens_of(action.account)) return {};
        ASHLAR_TRY(const forge::Account account, state_.account(action.account));
        return tell("token \"" + action.name + "\" of " + account.login);
    }
    Expected<void> operator()(const forge::RevokeToken& action) {
        ASHLAR_TRY(const auto token, state_.records().token(action.token));
        if (!token || !manages_tokens_of(token->account)) return {};
        ASHLAR_TRY(const forge::Account account, state_.account(token->account));
        return tell("token \"" + token->name + "\" of " + account.login);
    }
    Expected<void> operator()(const forge::CreateRepository& action) {
        ASHLAR_TRY(const auto id, state_.records().find_repository(action.owner, action.name));
        if (!id) return {};
        return tell_of_repository(*id, "");
    }
    Expected<void> operator()(const forge::UpdateRepository& action) {
        return tell_of_repository(action.repository, ": settings");
    }
    // It exists no more, so nobody can say who might see it.
    Expected<void> operator()(const forge::DeleteRepository&) { return {}; }
    Expected<void> operator()(const forge::UpdateRefs& action) {
        ASHLAR_CHECK(tell_of_repository(action.repository,
                                        ": " + counted(action.updates.size(), "ref") +
                                            (action.certificate.empty() ? "" : ", signed")));
        if (view_.summary.empty()) return {};
        ASHLAR_TRY(const forge::Repository repository, state_.repository(action.repository));
        const bool runs_it = may(repository, forge::RepositoryAction::administer);
        for (std::size_t i = 0; i < std::min(action.updates.size(), kDetailsMax); ++i) {
            const forge::RefUpdate& update = action.updates[i];
            ASHLAR_TRY(const auto ref, state_.records().ref(repository.id, update.name));
            if (ref || runs_it) view_.details.push_back(update.name);
        }
        return {};
    }
    Expected<void> operator()(const forge::ChangeValidators& action) {
        if (action.remove) view_.details.push_back("removes " + action.remove->hex());
        if (action.add) {
            view_.details.push_back("adds " + action.add->key.hex() + " " + action.add->name);
        }
        return tell("the validators");
    }
    // Keys are for everybody to see; what they are called is not.
    Expected<void> operator()(const forge::CreateSshKey& action) {
        ASHLAR_TRY(const forge::Account account, state_.account(action.account));
        view_.details.push_back(crypto::ssh_fingerprint(action.key));
        return tell("SSH key of " + account.login);
    }
    // It exists no more, so nobody can say whose it was.
    Expected<void> operator()(const forge::DeleteSshKey&) { return {}; }

  private:
    Expected<void> tell(std::string summary) {
        view_.summary = std::move(summary);
        return {};
    }
    bool may(const forge::Repository& repository, forge::RepositoryAction action) const {
        return forge::may(viewer_, repository, action) == forge::Permission::allowed;
    }
    bool manages_tokens_of(forge::AccountId account) const {
        return forge::may_manage_tokens(viewer_, account, {}) == forge::Permission::allowed;
    }
    Expected<void> tell_of_repository(forge::RepositoryId id, const std::string& what) {
        ASHLAR_TRY(const auto repository, state_.records().repository(id));
        if (!repository || !may(*repository, forge::RepositoryAction::read)) return {};
        ASHLAR_TRY(const forge::Account owner, state_.account(repository->owner));
        return tell(forge::full_name(owner.login, repository->name) + what);
    }

    const chain::StateReader& state_;
    const forge::Viewer& viewer_;
    TransactionView& view_;
};

Expected<std::vector<forge::Validator>> signers_of(const chain::StateReader& state,
                                                   const consensus::Certificate& certificate) {
    ASHLAR_TRY(const forge::ValidatorSet set,
               state.validators_of(certificate.subject.round().epoch));
    ASHLAR_TRY(const consensus::ValidatorSet voters, chain::voters_of(set));
    auto indexes = consensus::signers_of(certificate, voters);
    if (!indexes) return fail(ErrorCode::corrupt, indexes.error().detail);
    std::vector<forge::Validator> signers;
    // Both sets are sorted by key.
    for (const consensus::SignerIndex index : *indexes) signers.push_back(set.validators[index]);
    return signers;
}

}  // namespace

std::string_view to_string(ValidatorHealth health) {
    switch (health) {
        case ValidatorHealth::voting:
            return "voting";
        case ValidatorHealth::silent:
            return "silent";
        case ValidatorHealth::refused:
            return "refused";
    }
    return "unknown";
}

Expected<TransactionView> view_transaction(const chain::StateReader& state,
                                           const forge::Viewer& viewer, ByteView encoded) {
    auto decoded = codec::decode_transaction(encoded);
    if (!decoded)
        return fail(ErrorCode::corrupt, "a stored transaction: " + decoded.error().detail);
    const forge::Transaction& transaction = decoded->signed_transaction.transaction;
    TransactionView view;
    view.id = decoded->id;
    view.kind = std::string(forge::name_of(transaction.action));
    view.author = transaction.author;
    view.bytes = encoded.size();
    ASHLAR_CHECK(std::visit(Describer(state, viewer, view), transaction.action));
    if (view.summary.empty()) return view;
    ASHLAR_TRY(const auto author, state.records().account(transaction.author));
    if (author) view.author_login = author->login;
    return view;
}

Expected<BlockView> view_block(const chain::StateReader& state, const forge::Viewer& viewer,
                               ledger::Height height) {
    ASHLAR_TRY(chain::StoredBlock stored, state.block(height));
    BlockView view;
    view.header = stored.block.header;
    view.digest = stored.digest;
    for (const Bytes& encoded : stored.block.transactions) {
        if (view.transactions.size() == kTransactionsShownMax) break;
        ASHLAR_TRY(TransactionView transaction, view_transaction(state, viewer, encoded));
        view.transactions.push_back(std::move(transaction));
    }
    view.finalization = std::move(stored.finalization);
    if (view.finalization) {
        ASHLAR_TRY(view.signers, signers_of(state, *view.finalization));
    }
    return view;
}

Expected<std::vector<ledger::BlockHeader>> view_headers(const chain::StateReader& state,
                                                        ledger::Height from,
                                                        std::size_t count_max) {
    ASHLAR_TRY(const ledger::BlockHeader head, state.head());
    std::uint64_t height = std::min(from.value, head.height.value);
    std::vector<ledger::BlockHeader> headers;
    while (headers.size() < std::min(count_max, kBlocksPerPageMax)) {
        ASHLAR_TRY(ledger::BlockHeader header, state.header(ledger::Height(height)));
        headers.push_back(std::move(header));
        if (height-- == 0) break;
    }
    return headers;
}

std::string_view describe(const consensus::Evidence& evidence) {
    const consensus::VoteKind first = evidence.first.subject.kind;
    if (first != evidence.second.subject.kind) return "voted to nullify and to finalize";
    return first == consensus::VoteKind::notarize ? "notarized two blocks"
                                                  : "voted to finalize two blocks";
}

}  // namespace ashlar::api
