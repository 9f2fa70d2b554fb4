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
        case Behaviour::floods:
            return std::make_unique<Floods>();
    }
    return nullptr;
}

}  // namespace ashlar::simulation
