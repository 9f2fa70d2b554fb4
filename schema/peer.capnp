@0xbdb57a606ae0986f;
# What validators send each other beside consensus, on channel `sync`: packs, and the state for one
# that is new. See README.md for the rules of encoding and evolution. Whoever receives any of it
# trusts none of it: packs are named by what they contain, rows by the state root in a final header.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ashlar::schema");

struct PackManifestRequest @0xa402876266e0f701 {
  request @0 :UInt64;
  # Chosen by who asks; the answer bears it.
  pack @1 :Data;
  # The pack's name, 32 bytes.
}

struct PackManifestAnswer @0xa402876266e0f702 {
  # Its hash is the pack's name.
  request @0 :UInt64;
  size @1 :UInt64;
  objectCount @2 :UInt64;
  extents @3 :Data;
  # 32 bytes for each MiB of the pack.
}

struct PackExtentRequest @0xa402876266e0f703 {
  request @0 :UInt64;
  pack @1 :Data;
  extent @2 :UInt32;
}

struct PackExtentAnswer @0xa402876266e0f704 {
  request @0 :UInt64;
  bytes @1 :Data;
}

struct SmallPack @0xa402876266e0f705 {
  # A whole pack, sent unasked, for a transaction that is about to name it.
  pack @0 :Data;
  bytes @1 :Data;
}

struct SpreadBegin @0xa402876266e0f706 {
  # A push has begun to arrive; its pack's bytes follow as they come.
  spread @0 :UInt64;
  # Counts up by one with each spread of one sender.
  repository @1 :UInt64;
  # Whose objects the pack may build on.
}

struct SpreadBytes @0xa402876266e0f707 {
  spread @0 :UInt64;
  offset @1 :UInt64;
  # In the pack as the client sends it.
  bytes @2 :Data;
}

struct SpreadCredit @0xa402876266e0f708 {
  # From the receiver: up to this offset it has room.
  spread @0 :UInt64;
  upTo @1 :UInt64;
}

struct SpreadEnd @0xa402876266e0f709 {
  spread @0 :UInt64;
  pack @1 :Data;
  # The stored pack's name, 32 bytes; empty where the push was refused. What was not sent yet still
  # follows.
  size @2 :UInt64;
  # Of the pack as the client sent it.
}

struct SpreadRefusal @0xa402876266e0f70a {
  # From the receiver: it does not want the rest.
  spread @0 :UInt64;
}

struct SnapshotRequest @0xa402876266e0f70b {
  request @0 :UInt64;
}

struct SnapshotOffer @0xa402876266e0f70c {
  # The state at one final block is kept for a while, to be asked for row by row.
  request @0 :UInt64;
  snapshot @1 :UInt64;
  # Names it in the requests for its rows.
  finalized @2 :Data;
  # A FinalizedHeader (proof.capnp) in canonical encoding; empty: nothing but the genesis is final.
}

struct RowsRequest @0xa402876266e0f70d {
  request @0 :UInt64;
  snapshot @1 :UInt64;
  from @2 :Data;
  # The first key that is wanted.
  valueOffset @3 :UInt64;
  # How much of that key's value is there already.
}

struct Row @0xa402876266e0f70e {
  key @0 :Data;
  value @1 :Data;
}

struct RowsAnswer @0xa402876266e0f70f {
  request @0 :UInt64;
  rows @1 :List(Row);
  # In the order of their keys. None: there are no more.
  cut @2 :Bool;
  # The last value goes on.
}

struct EpochRequest @0xa402876266e0f712 {
  # How trust moves on from an epoch that is over.
  request @0 :UInt64;
  epoch @1 :UInt64;
}

struct EpochAnswer @0xa402876266e0f713 {
  request @0 :UInt64;
  last @1 :Data;
  # A FinalizedHeader (proof.capnp) in canonical encoding, of the epoch's last block.
  nextValidators @2 :Data;
  # Public keys, 32 bytes each, whose digest that names.
}

struct NotHere @0xa402876266e0f710 {
  # The answer to any request for what this validator does not have.
  request @0 :UInt64;
}

struct PeerMessage @0xa402876266e0f711 {
  union {
    none @0 :Void;
    packManifestRequest @1 :PackManifestRequest;
    packManifestAnswer @2 :PackManifestAnswer;
    packExtentRequest @3 :PackExtentRequest;
    packExtentAnswer @4 :PackExtentAnswer;
    smallPack @5 :SmallPack;
    spreadBegin @6 :SpreadBegin;
    spreadBytes @7 :SpreadBytes;
    spreadCredit @8 :SpreadCredit;
    spreadEnd @9 :SpreadEnd;
    spreadRefusal @10 :SpreadRefusal;
    snapshotRequest @11 :SnapshotRequest;
    snapshotOffer @12 :SnapshotOffer;
    rowsRequest @13 :RowsRequest;
    rowsAnswer @14 :RowsAnswer;
    notHere @15 :NotHere;
    epochRequest @16 :EpochRequest;
    epochAnswer @17 :EpochAnswer;
  }
}
