// One round: proposing, checking what is proposed, and notarizing it.
#include <algorithm>

#include "base/assert.h"
#include "consensus/engine.h"

namespace ashlar::consensus {

std::optional<BlockDigest> Engine::block_at(View view) const {
    if (view == final_view_) return final_digest_;
    const ViewState* state = find(view);
    return state == nullptr ? std::nullopt : state->certified_block();
}

bool Engine::closes_epoch(const BlockDigest& digest) const {
    const BlockEntry* entry = blocks_.find(digest);
    return entry != nullptr && entry->summary.next_validators &&
           !(*entry->summary.next_validators == validators_.digest());
}

// The newest certified block that is good here, if every view since then is nullified.
std::optional<View> Engine::propose_parent() const {
    for (View view(current().value - 1); view > final_view_; view = View(view.value - 1)) {
        const ViewState* state = find(view);
        if (state == nullptr) return std::nullopt;
        if (auto block = state->certified_block()) {
            const BlockEntry* entry = blocks_.find(*block);
            if (entry != nullptr && entry->state == BlockState::good) return view;
        }
        if (!state->nullification) return std::nullopt;
    }
    return final_view_;
}

bool Engine::try_propose() {
    if (!may_vote() || validators_.leader(current()) != *self_) return false;
    ViewState& state = at(current());
    if (state.my_notarize || state.my_nullify || state.build_parent) return false;
    if (!wants_to_lead()) return false;
    std::optional<View> parent = propose_parent();
    if (!parent) return false;
    const BlockDigest block = *block_at(*parent);
    if (closes_epoch(block)) {
        // The epoch's last block may have no child: it is proposed again until it is final.
        propose({round_, *parent, block});
        return true;
    }
    state.build_parent = parent;
    emit(Build{round_, block});
    return true;
}

void Engine::handle(BlockBuilt event) {
    if (event.round != round_ || next_validators_) return;
    ViewState& state = at(current());
    if (!state.build_parent || state.my_notarize || state.my_nullify) return;
    Expected<BlockSummary> summary = format_.summarize(event.block);
    ASHLAR_ASSERT(summary.has_value());
    ASHLAR_ASSERT(chains_on(*summary, *state.build_parent) == Ancestry::good);
    BlockEntry& entry = blocks_.add(event.block, *summary, current());
    entry.state = BlockState::good;
    send(std::nullopt, BlockMessage{round_, std::move(event.block)});
    propose({round_, *state.build_parent, summary->digest});
}

void Engine::propose(const Proposal& proposal) {
    at(current()).proposal = proposal;
    BlockEntry* entry = blocks_.find(proposal.block);
    ASHLAR_ASSERT(entry != nullptr && entry->state == BlockState::good);
    entry->view = std::max(entry->view, current());
    persist(BlockRecord{proposal.round, entry->bytes});
    cast(Subject::notarize(proposal));
}

// Whether the proposal stands on a certified parent, with every view between nullified.
Engine::Ancestry Engine::ancestry(const Proposal& proposal) const {
    if (proposal.parent < final_view_) return Ancestry::bad;
    if (!block_at(proposal.parent)) return Ancestry::missing;
    for (View view = proposal.parent.next(); view < proposal.round.view; view = view.next()) {
        const ViewState* state = find(view);
        if (state == nullptr || !state->nullification) return Ancestry::missing;
    }
    return Ancestry::good;
}

// Whether the block may follow the certified block of the parent view.
Engine::Ancestry Engine::chains_on(const BlockSummary& block, View parent) const {
    const BlockDigest digest = *block_at(parent);
    Height height = final_height_;
    if (!(digest == final_digest_)) {
        const BlockEntry* entry = blocks_.find(digest);
        if (entry == nullptr) return Ancestry::missing;
        if (closes_epoch(digest)) return block.digest == digest ? Ancestry::good : Ancestry::bad;
        height = entry->summary.height;
    }
    bool follows =
        block.parent == digest && block.height == height.next() && block.epoch == round_.epoch;
    return follows ? Ancestry::good : Ancestry::bad;
}

bool Engine::try_notarize() {
    if (!may_vote() || validators_.leader(current()) == *self_) return false;
    ViewState& state = at(current());
    if (state.my_notarize || state.my_nullify) return false;
    if (!state.proposal) {
        // The block came before the vote: use the time.
        if (state.early_block) pursue(*state.early_block);
        return false;
    }
    const Proposal& proposal = *state.proposal;
    Ancestry ancestors = ancestry(proposal);
    BlockEntry* entry = blocks_.find(proposal.block);
    if (ancestors == Ancestry::good && entry != nullptr) {
        entry->view = std::max(entry->view, current());
        ancestors = chains_on(entry->summary, proposal.parent);
        if (entry->state == BlockState::bad) ancestors = Ancestry::bad;
    }
    if (ancestors == Ancestry::bad) return nullify_now();
    if (ancestors == Ancestry::missing || entry == nullptr) return false;
    if (entry->state != BlockState::good) {
        pursue(proposal.block);
        return false;
    }
    persist(BlockRecord{proposal.round, entry->bytes});
    cast(Subject::notarize(proposal));
    return true;
}

// Has the oldest block of the chain that is not checked yet checked, if the chain is here.
void Engine::pursue(const BlockDigest& digest) {
    BlockTree::Path path = blocks_.path(digest, final_digest_, final_height_);
    if (!path.reaches_root) return;
    for (auto at = path.digests.rbegin(); at != path.digests.rend(); ++at) {
        BlockEntry* entry = blocks_.find(*at);
        if (entry->state == BlockState::good) continue;
        if (entry->state != BlockState::unchecked) return;
        entry->state = BlockState::asked;
        const PublicKey& proposer = validators_.key(validators_.leader(entry->view));
        emit(
            Check{{round_.epoch, entry->view}, *at, entry->summary.parent, entry->bytes, proposer});
        return;
    }
}

}  // namespace ashlar::consensus
