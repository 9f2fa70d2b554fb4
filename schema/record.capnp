@0xdcbc00e1beee0d97;
# What the ledger's state holds. See README.md for the rules of encoding and evolution; where each
# record stands is in shared/codec/record_paths.h.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ashlar::schema");

enum AccountKind @0xc3d1a7e2f4b85b01 {
  user @0;
  organization @1;
}

struct Account @0xc3d1a7e2f4b85b02 {
  id @0 :UInt64;
  login @1 :Text;
  # As it was given.
  kind @2 :AccountKind;
  siteAdministrator @3 :Bool;
  createdMs @4 :UInt64;
  key @5 :Data;
  # Ed25519 public key, 32 bytes, or empty.
}

struct Token @0xc3d1a7e2f4b85b03 {
  id @0 :UInt64;
  account @1 :UInt64;
  name @2 :Text;
  scopes @3 :UInt32;
  # Bit 0: read private repositories; 1: write; 2: write public ones; 3: delete; 4: the account
  # itself; 5: site administration. No other bit is set.
  secretHash @4 :Data;
  # BLAKE2b-256 of the secret in the domain "ashlar token secret".
  createdMs @5 :UInt64;
  expiresMs @6 :UInt64;
  # 0: never.
  revoked @7 :Bool;
}

enum Visibility @0xc3d1a7e2f4b85b04 {
  public @0;
  private @1;
}

struct Repository @0xc3d1a7e2f4b85b05 {
  id @0 :UInt64;
  owner @1 :UInt64;
  name @2 :Text;
  visibility @3 :Visibility;
  defaultBranch @4 :Text;
  # Without "refs/heads/"; it may be unborn.
  description @5 :Text;
  createdMs @6 :UInt64;
  updatedMs @7 :UInt64;
  pushedMs @8 :UInt64;
  # 0: never.
  refsRoot @9 :Data;
  # Of the tree of the repository's refs, 32 bytes; zero without refs.
  refCount @10 :UInt64;
  packSequence @11 :UInt64;
  # How many packs were ever attached.
  packBytes @12 :UInt64;
  # The sum of their sizes.
  mayHoldUnreachable @13 :Bool;
  # Some push rewound or deleted a ref, so packs may hold what must not be sent.
}

struct PackReference @0xc3d1a7e2f4b85b06 {
  digest @0 :Data;
  # The pack's name, 32 bytes.
  size @1 :UInt64;
  objectCount @2 :UInt64;
  indexDigest @3 :Data;
}

struct Counters @0xc3d1a7e2f4b85b07 {
  # The ids that were given out last; ids are never used again.
  lastAccount @0 :UInt64;
  lastToken @1 :UInt64;
  lastRepository @2 :UInt64;
  lastSshKey @3 :UInt64;
}

struct Settings @0xc3d1a7e2f4b85b08 {
  refsPerPushMax @0 :UInt32;
  refsPerRepositoryMax @1 :UInt32;
  pushOptionsMax @2 :UInt32;
  packBytesMax @3 :UInt64;
  transactionLifetimeMaxMs @4 :UInt64;
}

struct Validator @0xc3d1a7e2f4b85b09 {
  key @0 :Data;
  # Ed25519 public key, 32 bytes.
  name @1 :Text;
  address @2 :Text;
  # "host:port", where it waits for the others; null where that is not known.
}

struct ValidatorSet @0xc3d1a7e2f4b85b0a {
  epoch @0 :UInt64;
  validators @1 :List(Validator);
  # Sorted by key, none twice.
}

struct ClosedEpoch @0xc3d1a7e2f4b85b0c {
  # An epoch that is over: who decided it, for whoever checks its certificates.
  validators @0 :ValidatorSet;
  lastHeight @1 :UInt64;
  # Of the block that names the validators of the next epoch.
}

struct SshKey @0xc3d1a7e2f4b85b0d {
  id @0 :UInt64;
  account @1 :UInt64;
  title @2 :Text;
  # In the person's words.
  key @3 :Data;
  # Ed25519 public key, 32 bytes.
  createdMs @4 :UInt64;
}

struct TransactionRecord @0xc3d1a7e2f4b85b0b {
  # What became of a transaction, until it has expired.
  height @0 :UInt64;
  index @1 :UInt32;
  # Within the block.
  refusal @2 :UInt8;
  # 0: applied; else 1 + the number of the error code.
  refusedRefs @3 :UInt32;
}
