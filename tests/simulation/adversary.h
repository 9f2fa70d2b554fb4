// Validators that lie. Each runs the honest engine, so that it knows what goes on, and changes what
// leaves it, or adds to it.
#pragma once

#include <memory>

#include "consensus/action.h"
#include "simulation/plan.h"

namespace ashlar::simulation {

class Node;
struct ToyBlock;

class Adversary {
  public:
    virtual ~Adversary() = default;
    // Whether the message was dealt with; else it is sent as it is.
    virtual bool on_send(Node&, const consensus::Send&) { return false; }
    virtual void on_receive(Node&, const consensus::PublicKey& from, const consensus::Message&) {
        static_cast<void>(from);
    }
    // May spoil the block that this validator is about to propose.
    virtual void on_build(Node&, ToyBlock&) {}
};

// Nothing for the honest.
std::unique_ptr<Adversary> make_adversary(Behaviour behaviour);

}  // namespace ashlar::simulation
