// Bits as they are stored: long runs of equal words take one word (after EWAH, Lemire, Kaser and
// Aouiche 2010, which git's bitmaps use as well).
//
// Words of 8 bytes, little-endian. A marker: bit 0 is the value of a run, bits 1 to 32 how many
// words the run stands for, bits 33 to 63 how many literal words follow the marker.
#pragma once

#include "base/bytes.h"
#include "base/expected.h"
#include "git/pack/bits.h"

namespace ashlar::git {

Bytes compress_bits(const Bits& bits);

// Adds the stored bits to a set of the size that they were made from. Fails with `corrupt` where
// they are of another size; some may have been added then.
Expected<void> add_compressed_bits(ByteView stored, Bits& to);

}  // namespace ashlar::git
