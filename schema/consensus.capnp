@0xb3f1c58a9d2e4607;
# What validators say to each other, and what each keeps in its journal. See README.md for the rules
# of encoding and evolution.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ashlar::schema");

using import "certificate.capnp".VoteKind;
using import "certificate.capnp".Certificate;

struct Vote @0xf1a2b3c4d5e6f701 {
  kind @0 :VoteKind;
  signer @1 :UInt16;
  # Place among the sorted keys of the epoch.
  epoch @2 :UInt64;
  view @3 :UInt64;
  parentView @4 :UInt64;
  # Of a nullify 0.
  block @5 :Data;
  # Digest of the block's header, 32 bytes; of a nullify zero.
  signature @6 :Data;
}

struct Round @0xf1a2b3c4d5e6f702 {
  epoch @0 :UInt64;
  view @1 :UInt64;
}

struct ProposedBlock @0xf1a2b3c4d5e6f703 {
  epoch @0 :UInt64;
  view @1 :UInt64;
  block @2 :Data;
  # A Block in canonical encoding.
}

struct FinalizedBlocks @0xf1a2b3c4d5e6f704 {
  blocks @0 :List(Data);
  # Of consecutive heights, each a Block in canonical encoding.
  finalization @1 :Certificate;
  # Of the last one.
}

struct ConsensusMessage @0xf1a2b3c4d5e6f705 {
  union {
    none @0 :Void;
    vote @1 :Vote;
    certificate @2 :Certificate;
    block @3 :ProposedBlock;
    certificateRequest @4 :Round;
    blockRequest @5 :Data;
    # Digest of the block's header.
    blockResponse @6 :Data;
    finalizedRequest @7 :UInt64;
    # The first height.
    finalizedResponse @8 :FinalizedBlocks;
    transactions @9 :List(Data);
    # That wait at the sender: each a SignedTransaction in canonical encoding. They are for the
    # receiver's pool; its engine never sees them.
  }
}

struct EvidenceRecord @0xf1a2b3c4d5e6f707 {
  # Kept by whoever saw that a validator broke the rules.
  validator @0 :Data;
  # Its public key, 32 bytes.
  seenMs @1 :UInt64;
  first @2 :Vote;
  second @3 :Vote;
}

struct JournalRecord @0xf1a2b3c4d5e6f706 {
  union {
    none @0 :Void;
    block @1 :ProposedBlock;
    vote @2 :Vote;
    certificate @3 :Certificate;
  }
}
