// The scenarios that every engine has to survive, by name.
#pragma once

#include <string>
#include <vector>

#include "simulation/plan.h"
#include "simulation/world.h"

namespace ashlar::simulation {

const std::vector<Plan>& scenarios();
// The scenario of this name; nothing where there is none.
const Plan* find_scenario(const std::string& name);

Report simulate(const Plan& plan, std::uint64_t seed);

// What a failing run prints: what broke, and the one command that replays it.
std::string replay_advice(const Report& report);

}  // namespace ashlar::simulation
