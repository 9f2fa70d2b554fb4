@0xcd644565c3b13f8d;
# How transactions are ordered. See README.md for the rules of encoding and evolution.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ashlar::schema");

struct BlockHeader @0xd5e6f1a2b3c47d01 {
  # Its BLAKE2b-256 hash in the domain "ashlar block header" names the block, and is what
  # validators vote for.
  formatVersion @0 :UInt32;
  chain @1 :Data;
  # The network's id, 32 bytes.
  epoch @2 :UInt64;
  height @3 :UInt64;
  parent @4 :Data;
  # Digest of the header before, 32 bytes.
  timeMs @5 :UInt64;
  transactionCount @6 :UInt32;
  transactionsRoot @7 :Data;
  stateRoot @8 :Data;
  # After the block.
  nextValidators @9 :Data;
  # In the last block of an epoch only: digest of the set that decides the next; else empty.
}

struct Block @0xd5e6f1a2b3c47d02 {
  header @0 :Data;
  # A BlockHeader in canonical encoding.
  transactions @1 :List(Data);
  # Each a SignedTransaction in canonical encoding.
}

struct Transactions @0xd5e6f1a2b3c47d03 {
  # As stored beside the header.
  transactions @0 :List(Data);
}
