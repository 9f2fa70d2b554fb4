@0xc8a3521d15bc194f;
# Who agreed. See README.md for the rules of encoding and evolution.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ashlar::schema");

enum VoteKind @0xe7a8b9c0d1e2f301 {
  none @0;
  notarize @1;
  nullify @2;
  finalize @3;
}

struct Certificate @0xe7a8b9c0d1e2f302 {
  # A quorum of an epoch's validators signed the same thing.
  kind @0 :VoteKind;
  epoch @1 :UInt64;
  view @2 :UInt64;
  parentView @3 :UInt64;
  # Of a nullification 0.
  block @4 :Data;
  # Digest of the block's header, 32 bytes; of a nullification zero.
  signers @5 :Data;
  # One bit a validator in the order of the set, the lowest of the first byte first.
  signatures @6 :Data;
  # 64 bytes for each bit that is set, in the same order.
}
