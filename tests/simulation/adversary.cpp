#include "simulation/adversary.h"

#include "simulation/node.h"
#include "simulation/world.h"

namespace ashlar::simulation {

using namespace consensus;

namespace {

void say(Node& node, const Subject& subject) {
    if (!subject.well_formed()) return;
    if (auto vote = node.sign(subject)) node.transmit(std::nullopt, *vote);
}

Signature noise(Random& random) {
    Signature signature;
    for (Byte& byte : signature.bytes) byte = static_cast<Byte>(random.next());
    return signature;
}

class Silent final : public Adversary {
    bool on_send(Node&, const Send&) override { return true; }
};

// Another block in the place of the proposed one: to each half of the others its own.
class Equivocates final : public Adversary {
    bool on_send(Node& node, const Send& send) override {
        if (const auto* block = std::get_if<BlockMessage>(&send.message)) {
            ToyBlock other = *ToyBlock::decode(block->block);
            original_ = node.world().format().summarize(block->block)->digest;
            other.salt = node.world().random().next();
            Bytes bytes = other.encode();
            other_ = node.world().format().summarize(bytes)->digest;
            split(node, send.message, BlockMessage{block->round, std::move(bytes)});
            return true;
        }
        const auto* vote = std::get_if<Vote>(&send.message);
        if (vote == nullptr || vote->subject.kind == VoteKind::nullify) return false;
        if (!(vote->subject.proposal.block == original_)) return false;
        Subject subject = vote->subject;
        subject.proposal.block = other_;
        if (auto second = node.sign(subject)) split(node, send.message, *second);
        return true;
    }

    void split(Node& node, const Message& first, const Message& second) {
        Random& random = node.world().random();
        for (const PublicKey& key : node.world().keys()) {
            bool both = random.chance(100'000);
            bool left = (key.bytes[0] & 1) != 0;
            if (left || both) node.transmit(key, first);
            if (!left || both) node.transmit(key, second);
        }
    }

    BlockDigest original_;
    BlockDigest other_;
};

class VotesEverything final : public Adversary {
    void on_receive(Node& node, const PublicKey&, const Message& message) override {
        const auto* vote = std::get_if<Vote>(&message);
        if (vote == nullptr || vote->subject.kind != VoteKind::notarize) return;
        const Proposal& proposal = vote->subject.proposal;
        if (proposal == last_) return;
        last_ = proposal;
        say(node, Subject::notarize(proposal));
        say(node, Subject::nullify(proposal.round));
        say(node, Subject::finalize(proposal));
    }
    Proposal last_;
};

class NullifiesFinalized final : public Adversary {
    bool on_send(Node& node, const Send& send) override {
        const auto* vote = std::get_if<Vote>(&send.message);
        if (vote == nullptr || vote->subject.kind != VoteKind::finalize) return false;
        say(node, Subject::nullify(vote->subject.round()));
        return false;
    }
    void on_receive(Node& node, const PublicKey&, const Message& message) override {
        const auto* vote = std::get_if<Vote>(&message);
        if (vote == nullptr || vote->subject.kind != VoteKind::notarize) return;
        if (vote->subject.view() <= last_) return;
        last_ = vote->subject.view();
        say(node, Subject::finalize(vote->subject.proposal));
        say(node, Subject::nullify(vote->subject.round()));
    }
    View last_;
};

class OnlyNullifies final : public Adversary {
    bool on_send(Node&, const Send& send) override {
        return !std::holds_alternative<Vote>(send.message) ||
               std::get<Vote>(send.message).subject.kind != VoteKind::nullify;
    }
    void on_receive(Node& node, const PublicKey&, const Message& message) override {
        const auto* vote = std::get_if<Vote>(&message);
        if (vote == nullptr || vote->subject.round() <= last_) return;
        last_ = vote->subject.round();
        say(node, Subject::nullify(last_));
    }
    Round last_;
};

class Forges final : public Adversary {
    bool on_send(Node& node, const Send& send) override {
        Random& random = node.world().random();
        if (!random.chance(50'000)) return false;
        if (const auto* vote = std::get_if<Vote>(&send.message)) {
            Vote forged = *vote;
            forged.signature = noise(random);
            node.transmit(send.to, forged);
            return true;
        }
        if (const auto* certificate = std::get_if<Certificate>(&send.message)) {
            Certificate forged = *certificate;
            forged.subject = Subject::nullify(
                {certificate->subject.round().epoch, View(certificate->view().value + 1000)});
            forged.signatures.back() = noise(random);
            node.transmit(send.to, forged);
            return true;
        }
        return false;
    }
};

class Impersonates final : public Adversary {
    bool on_send(Node& node, const Send& send) override {
        const auto* vote = std::get_if<Vote>(&send.message);
        if (vote == nullptr || !node.world().random().chance(50'000)) return false;
        Vote other = *vote;
        other.signer = static_cast<SignerIndex>(
            (vote->signer + 1) % node.world().set_of(vote->subject.round().epoch).size());
        node.transmit(std::nullopt, other);
        return true;
    }
};

class FarViews final : public Adversary {
    bool on_send(Node& node, const Send& send) override {
        const auto* vote = std::get_if<Vote>(&send.message);
        if (vote == nullptr) return false;
        const Round round = vote->subject.round();
        for (std::uint64_t ahead : {1U, 5U, 8U, 9U, 100U, 1'000'000U}) {
            say(node, Subject::nullify({round.epoch, View(round.view.value + ahead)}));
        }
        say(node, Subject::nullify({round.epoch, View(~std::uint64_t{0})}));
        for (std::uint64_t back : {1U, 2U, 50U}) {
            if (round.view.value <= back) continue;
            say(node, Subject::nullify({round.epoch, View(round.view.value - back)}));
        }
        return false;
    }
};

class WrongEpoch final : public Adversary {
    bool on_send(Node& node, const Send& send) override {
        const auto* vote = std::get_if<Vote>(&send.message);
        if (vote == nullptr) return false;
        for (std::uint64_t epoch : {vote->subject.round().epoch.value + 1,
                                    vote->subject.round().epoch.value - 1, std::uint64_t{999}}) {
            Vote other = *vote;
            other.subject.proposal.round.epoch = Epoch(epoch);
            other.signature = node.world()
                                  .signer(node.index())
                                  .sign(signed_bytes(node.world().chain(), other.subject));
            node.transmit(std::nullopt, other);
        }
        return false;
    }
};

class Withholds final : public Adversary {
    bool on_send(Node& node, const Send& send) override {
        Random& random = node.world().random();
        if (std::holds_alternative<BlockResponse>(send.message)) return random.chance(700'000);
        if (!std::holds_alternative<BlockMessage>(send.message)) return false;
        for (const PublicKey& key : node.world().keys()) {
            if (random.chance(500'000)) node.transmit(key, send.message);
        }
        return true;
    }
};

class MissingPack final : public Adversary {
    void on_build(Node& node, ToyBlock& block) override {
        if (!node.world().random().chance(500'000)) return;
        const TransactionNumber far = TransactionNumber{1} << 40;
        TransactionNumber nobodys = (far + node.world().random().below(far)) * kTransactionsPerPack;
        block.transactions = {nobodys};
        block.state_root = node.state().root_on(block.parent, block.transactions);
    }
};

class BadBlocks final : public Adversary {
    void on_build(Node& node, ToyBlock& block) override {
        if (node.world().random().chance(700'000)) block.state_root.bytes[5] ^= 1;
    }
};

class Floods final : public Adversary {
    bool on_send(Node& node, const Send& send) override {
        const auto* vote = std::get_if<Vote>(&send.message);
        if (vote == nullptr) return false;
        Random& random = node.world().random();
        const Round round = vote->subject.round();
        for (int i = 0; i < 20; ++i) {
            BlockDigest nobodys;
            nobodys.digest.bytes[0] = static_cast<Byte>(random.next());
            nobodys.digest.bytes[1] = static_cast<Byte>(random.next());
            node.transmit(std::nullopt, BlockRequest{nobodys});
            node.transmit(std::nullopt, FinalizedRequest{Height(1 + random.below(1000))});
            node.transmit(std::nullopt,
                          CertificateRequest{{round.epoch, View(random.below(1000))}});
            node.transmit(std::nullopt, BlockResponse{Bytes(120, 7)});
        }
        return false;
    }
};

// Makes a certificate, its own vote in it, when one more is still missing.
class Thin final : public Adversary {
    void on_receive(Node& node, const PublicKey&, const Message& message) override {
        const auto* vote = std::get_if<Vote>(&message);
        if (vote == nullptr || !vote->subject.well_formed()) return;
        const ValidatorSet& set = node.world().set_of(vote->subject.round().epoch);
        if (vote->signer >= set.size()) return;
        if (!votes_.empty() && !(votes_.front().subject == vote->subject)) votes_.clear();
        for (const Vote& held : votes_) {
            if (held.signer == vote->signer) return;
        }
        votes_.push_back(*vote);
        if (votes_.size() + 2 != set.quorum() || !node.world().random().chance(100'000)) return;
        const auto own = node.sign(vote->subject);
        if (!own) return;
        std::vector<Vote> thin = votes_;
        thin.push_back(*own);
        node.transmit(std::nullopt, make_certificate(vote->subject, thin, set));
    }
    std::vector<Vote> votes_;
};

// What it heard, said again and mixed at random; never something that shows at once that it lies.
class Chaotic final : public Adversary {
    bool on_send(Node& node, const Send&) override { return node.world().random().chance(200'000); }

    void on_receive(Node& node, const PublicKey&, const Message& message) override {
        remember(node, message);
        Random& random = node.world().random();
        while (random.chance(400'000)) {
            std::optional<PublicKey> to;
            if (random.chance(800'000)) to = pick(random, node.world().keys());
            if (auto said = invent(node)) node.transmit(to, std::move(*said));
        }
    }

    void remember(Node& node, const Message& message) {
        Random& random = node.world().random();
        if (const auto* vote = std::get_if<Vote>(&message)) keep(random, votes_, *vote);
        if (const auto* certificate = std::get_if<Certificate>(&message)) {
            keep(random, certificates_, *certificate);
        }
        if (const auto* block = std::get_if<BlockMessage>(&message)) {
            keep(random, blocks_, block->block);
        }
    }

    std::optional<Message> invent(Node& node) {
        Random& random = node.world().random();
        switch (random.below(8)) {
            case 0:
            case 1:
            case 2:
                return vote(node);
            case 3:
                if (certificates_.empty()) return std::nullopt;
                return pick(random, certificates_);
            case 4:
                if (blocks_.empty()) return std::nullopt;
                return BlockResponse{pick(random, blocks_)};
            case 5:
                return block(node);
            case 6:
                return finalized(node);
            default:
                return request(node);
        }
    }

    std::optional<Message> vote(Node& node) {
        if (votes_.empty()) return std::nullopt;
        Random& random = node.world().random();
        Subject subject = pick(random, votes_).subject;
        // Another kind, another view or another block, as likely as not.
        subject.kind = static_cast<VoteKind>(1 + random.below(3));
        if (random.chance(300'000)) subject.proposal.round.view = View(1 + random.below(60));
        if (random.chance(300'000))
            subject.proposal.block = pick(random, votes_).subject.proposal.block;
        if (random.chance(200'000)) subject.proposal.parent = View(random.below(60));
        if (subject.kind == VoteKind::nullify) subject = Subject::nullify(subject.round());
        if (!subject.well_formed()) return std::nullopt;
        auto signed_vote = node.sign(subject);
        if (!signed_vote) return std::nullopt;
        return *signed_vote;
    }

    // An old block, or one of its own making, for a view that it leads.
    std::optional<Message> block(Node& node) {
        if (blocks_.empty() || votes_.empty()) return std::nullopt;
        Random& random = node.world().random();
        Round round = pick(random, votes_).subject.round();
        const ValidatorSet& set = node.world().set_of(round.epoch);
        while (!(set.key(set.leader(round.view)) == node.key())) {
            round.view = round.view.next();
            if (!set.index_of(node.key())) return std::nullopt;
        }
        Bytes bytes = pick(random, blocks_);
        if (random.chance(300'000)) {
            ToyBlock changed = *ToyBlock::decode(bytes);
            changed.salt = random.next();
            if (random.chance(300'000)) changed.height = Height(random.below(100));
            bytes = changed.encode();
            keep(random, blocks_, bytes);
        }
        return BlockMessage{round, std::move(bytes)};
    }

    std::optional<Message> finalized(Node& node) {
        const auto& chain = node.disk().chain();
        Random& random = node.world().random();
        if (chain.empty()) return std::nullopt;
        std::size_t end = static_cast<std::size_t>(random.below(chain.size())) + 1;
        if (!chain[end - 1].finalization) return std::nullopt;
        std::size_t from =
            end - static_cast<std::size_t>(random.below(std::min<std::size_t>(end, 9)));
        FinalizedResponse response{{}, *chain[end - 1].finalization};
        for (std::size_t at = from - 1; at < end; ++at) response.blocks.push_back(chain[at].block);
        return response;
    }

    std::optional<Message> request(Node& node) {
        Random& random = node.world().random();
        if (random.chance(300'000)) return FinalizedRequest{Height(random.below(300))};
        if (votes_.empty()) return std::nullopt;
        const Subject& subject = pick(random, votes_).subject;
        if (random.chance(500'000)) return BlockRequest{subject.proposal.block};
        return CertificateRequest{subject.round()};
    }

    template <typename T>
    static const T& pick(Random& random, const std::vector<T>& from) {
        return from[static_cast<std::size_t>(random.below(from.size()))];
    }
    template <typename T>
    static void keep(Random& random, std::vector<T>& in, const T& what) {
        constexpr std::size_t kKept = 40;
        if (in.size() < kKept) return in.push_back(what);
        in[static_cast<std::size_t>(random.below(kKept))] = what;
    }

    std::vector<Vote> votes_;
    std::vector<Certificate> certificates_;
    std::vector<Bytes> blocks_;
};

}  // namespace

std::unique_ptr<Adversary> make_adversary(Behaviour behaviour) {
    switch (behaviour) {
        case Behaviour::honest:
            return nullptr;
        case Behaviour::silent:
            return std::make_unique<Silent>();
        case Behaviour::equivocates:
            return std::make_unique<Equivocates>();
        case Behaviour::votes_everything:
            return std::make_unique<VotesEverything>();
        case Behaviour::nullifies_finalized:
            return std::make_unique<NullifiesFinalized>();
        case Behaviour::only_nullifies:
            return std::make_unique<OnlyNullifies>();
        case Behaviour::forges:
            return std::make_unique<Forges>();
        case Behaviour::impersonates:
            return std::make_unique<Impersonates>();
        case Behaviour::far_views:
            return std::make_unique<FarViews>();
        case Behaviour::wrong_epoch:
            return std::make_unique<WrongEpoch>();
        case Behaviour::withholds:
            return std::make_unique<Withholds>();
        case Behaviour::missing_pack:
            return std::make_unique<MissingPack>();
        case Behaviour::bad_blocks:
            return std::make_unique<BadBlocks>();
        case Behaviour::chaotic:
            return std::make_unique<Chaotic>();
        case Behaviour::floods:
            return std::make_unique<Floods>();
        case Behaviour::thin:
            return std::make_unique<Thin>();
    }
    return nullptr;
}

}  // namespace ashlar::simulation
