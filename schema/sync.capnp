@0x9d41c7be20f5a683;
# What a replica reads from a validator or from another replica. See README.md for the rules of
# encoding and evolution, docs/formats.md ("Sync") for the addresses.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ashlar::schema");

using Proof = import "proof.capnp";
using Record = import "record.capnp";

struct RepositoryCheckpoint @0xb7e2d9c4f1a36801 {
  # A repository as it is now: the one small message that changes.
  chain @0 :Data;
  owner @1 :Text;
  # As asked for.
  repository @2 :Text;
  finalized @3 :Proof.FinalizedHeader;
  proof @4 :Proof.RepositoryProof;
  packs @5 :List(Record.PackReference);
  # In their order: what the server keeps the repository's objects in. Not proven, for servers
  # merge packs each in its own time, nor need it be: a pack is named by what it contains, and an
  # object that none of them holds is found to be missing. Empty where packs may hold what no ref
  # reaches.
}

struct RefList @0xb7e2d9c4f1a36802 {
  # All refs of a repository, in bytewise order of names. Their root names the list.
  refs @0 :List(Proof.Ref);
}

# ---- The messages of /sync as a WebSocket: one in each binary frame. ----

struct RepositoryName @0xb7e2d9c4f1a36803 {
  owner @0 :Text;
  repository @1 :Text;
}

struct SubscriberMessage @0xb7e2d9c4f1a36804 {
  # From a replica. The first one may be empty: then it is told of headers only.
  hold @0 :List(RepositoryName);
  # What it is told of from now on; of each it gets the newest checkpoint at once.
  release @1 :List(RepositoryName);
  # What it is told of no more.
}

struct RepositoryNews @0xb7e2d9c4f1a36805 {
  checkpoint @0 :RepositoryCheckpoint;
  changesFrom @1 :Data;
  # The root of the list of refs that the changes below are to be made in; they lead to that whose
  # root the record names, which is their proof. Empty where the list is to be fetched.
  changed @2 :List(Proof.Ref);
  # New or moved, in bytewise order of names.
  removed @3 :List(Text);
  # In bytewise order.
}

struct News @0xb7e2d9c4f1a36806 {
  # From a server.
  union {
    header @0 :Proof.FinalizedHeader;
    # The newest. Comes with every final block (where many become final at once, with the last of
    # them), and now and then again, as a sign of life.
    repository @1 :RepositoryNews;
    gone @2 :RepositoryName;
    # Nothing public is of that name (any more), or nothing that this server can tell of.
  }
}
