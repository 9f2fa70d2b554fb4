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
