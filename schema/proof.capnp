@0xe56c782f07f18a33;
# What is shown to those who trust nobody. See README.md for the rules of encoding and evolution,
# shared/ledger/tree_hash.h for the hashes.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ashlar::schema");

struct RecordProof @0xa9c4d8e1f2b36701 {
  # A record of the state, or that there is none.
  present @0 :Bool;
  record @1 :Data;
  # Its canonical encoding; empty where it is absent.
  treeProof @2 :Data;
  # shared/ledger/tree_proof.h
}

struct RepositoryProof @0xa9c4d8e1f2b36702 {
  login @0 :RecordProof;
  # Of login/<owner>: the owner's id.
  name @1 :RecordProof;
  # Of name/<owner's id>/<name>: the repository's id. Null where there is no such owner.
  repository @2 :RecordProof;
  # Of repository/<id>. Null where there is no such name.
}

struct RefProof @0xa9c4d8e1f2b36703 {
  repository @0 :RepositoryProof;
  present @1 :Bool;
  value @2 :Data;
  # Object id and peeled id, 20 bytes each; the second only where the ref is peeled.
  treeProof @3 :Data;
  # In the tree whose root the repository's record holds.
}

struct Ref @0xa9c4d8e1f2b36704 {
  name @0 :Text;
  value @1 :Data;
}

struct RefListProof @0xa9c4d8e1f2b36705 {
  repository @0 :RepositoryProof;
  refs @1 :List(Ref);
  # All of them, in bytewise order of names.
}

struct FinalizedHeader @0xa9c4d8e1f2b36706 {
  header @0 :Data;
  # A BlockHeader in canonical encoding.
  descendants @1 :List(Data);
  # The headers from its child to the one that the certificate is of.
  finalization @2 :Data;
  # A Certificate in canonical encoding.
}

struct SealedRefProof @0xa9c4d8e1f2b36707 {
  chain @0 :Data;
  owner @1 :Text;
  repository @2 :Text;
  ref @3 :Text;
  finalized @4 :FinalizedHeader;
  proof @5 :RefProof;
}

struct SealedRefList @0xa9c4d8e1f2b36708 {
  # All refs of a repository, and whoever knows the validators needs nothing else.
  chain @0 :Data;
  owner @1 :Text;
  repository @2 :Text;
  finalized @3 :FinalizedHeader;
  proof @4 :RefListProof;
}

struct EpochChange @0xa9c4d8e1f2b36709 {
  # How an epoch ended, and who decides the next.
  last @0 :FinalizedHeader;
  # The epoch's last header, which holds the digest of the next validators.
  nextValidators @1 :List(Data);
  # Their Ed25519 public keys, 32 bytes each, sorted, none twice.
}

struct TrustedState @0xa9c4d8e1f2b3670a {
  # What a light client keeps.
  chain @0 :Data;
  epoch @1 :UInt64;
  validators @2 :List(Data);
  # Of that epoch, sorted, none twice.
  height @3 :UInt64;
  # The highest seen.
  block @4 :Data;
  timeMs @5 :UInt64;
  nextValidators @6 :Data;
  # Where that block ended the epoch: the digest of the next set; else empty.
}

struct RefReceipt @0xa9c4d8e1f2b3670b {
  # A ref proof that holds by the genesis alone, years later.
  changes @0 :List(EpochChange);
  # From the genesis' epoch to that of the proof's header.
  sealed @1 :SealedRefProof;
}
