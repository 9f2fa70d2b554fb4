// The machine's clock and chance, under the names that a node knows them by.
#pragma once

#include "native/machine/clock.h"

namespace ashlar::node {

using machine::Clock;
using machine::RandomSource;
using machine::SystemClock;
using machine::SystemRandom;

}  // namespace ashlar::node
