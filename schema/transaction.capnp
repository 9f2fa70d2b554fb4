@0x8bf458ccf85c7b3e;
# What people want of the ledger. See README.md for the rules of encoding and evolution.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ashlar::schema");

using Record = import "record.capnp";

struct SignedTransaction @0xb4a2f4b9e5d0c1a1 {
  body @0 :Data;
  # A TransactionBody in canonical encoding. Its hash is the transaction's id.
  signature @1 :Data;
  # Ed25519, 64 bytes, over "ashlar.transaction.1" and the body: by the account's key, or by the
  # validator that attests it.
}

struct TransactionBody @0xb4a2f4b9e5d0c1a2 {
  formatVersion @0 :UInt32;
  # 1. Another one is refused.
  chain @1 :Data;
  # The network's id, 32 bytes: the transaction counts nowhere else.
  expiresMs @2 :UInt64;
  # The first block time at which it no longer counts.
  nonce @3 :UInt64;
  # Random, so that two equal wishes are two transactions.
  author @4 :UInt64;
  # The account that wants it.

  authorship :union {
    signedByAccount @5 :Void;
    # The signature is of the account's own key.
    attestedByValidator @6 :Attestation;
    # The signature is of a validator, which authenticated the account by its token.
  }

  action :union {
    createAccount @7 :CreateAccount;
    createToken @8 :CreateToken;
    revokeToken @9 :RevokeToken;
    createRepository @10 :CreateRepository;
    updateRepository @11 :UpdateRepository;
    deleteRepository @12 :DeleteRepository;
    updateRefs @13 :UpdateRefs;
    changeValidators @14 :ChangeValidators;
    createSshKey @15 :CreateSshKey;
    deleteSshKey @16 :DeleteSshKey;
  }
}

struct Attestation @0xb4a2f4b9e5d0c1a3 {
  validator @0 :Data;
  # Its public key, 32 bytes; one of the current epoch's set.
  token @1 :UInt64;
  # The id of the token that the account showed.
}

struct CreateAccount @0xb4a2f4b9e5d0c1a4 {
  login @0 :Text;
  kind @1 :Record.AccountKind;
  siteAdministrator @2 :Bool;
  key @3 :Data;
  # Ed25519 public key, 32 bytes, or empty.
}

struct CreateToken @0xb4a2f4b9e5d0c1a5 {
  account @0 :UInt64;
  name @1 :Text;
  # What it is for, in the person's words.
  scopes @2 :UInt32;
  # Bits as in Record.Token.
  secretHash @3 :Data;
  expiresMs @4 :UInt64;
  # 0: never.
}

struct RevokeToken @0xb4a2f4b9e5d0c1a6 {
  token @0 :UInt64;
}

struct CreateRepository @0xb4a2f4b9e5d0c1a7 {
  owner @0 :UInt64;
  name @1 :Text;
  visibility @2 :Record.Visibility;
  description @3 :Text;
  defaultBranch @4 :Text;
  # Without "refs/heads/".
}

struct UpdateRepository @0xb4a2f4b9e5d0c1a8 {
  # A null pointer leaves the text as it is.
  repository @0 :UInt64;
  visibility :union {
    unchanged @1 :Void;
    changed @2 :Record.Visibility;
  }
  description @3 :Text;
  defaultBranch @4 :Text;
}

struct DeleteRepository @0xb4a2f4b9e5d0c1a9 {
  repository @0 :UInt64;
}

struct RefUpdate @0xb4a2f4b9e5d0c1aa {
  # Object ids have 20 bytes.
  name @0 :Text;
  # Full: "refs/heads/main".
  oldId @1 :Data;
  # What the ref must be now; empty: it must not exist.
  newId @2 :Data;
  # Empty: delete it.
  peeled @3 :Data;
  # What newId finally points to, where that is an annotated tag; else empty.
}

enum RefAtomicity @0xb4a2f4b9e5d0c1ab {
  eachAlone @0;
  allOrNone @1;
}

struct UpdateRefs @0xb4a2f4b9e5d0c1ac {
  repository @0 :UInt64;
  updates @1 :List(RefUpdate);
  atomicity @2 :RefAtomicity;
  pack @3 :Record.PackReference;
  # Null where everything was stored already.
  pushOptions @4 :List(Data);
  # As the client sent them; any bytes.
  rewinds @5 :Bool;
  # Some update is not a fast-forward.
  certificate @6 :Data;
  # The push certificate (git push --signed) as it came, its signature included; empty where the
  # push was not signed. Every update stands in it.
}

struct CreateSshKey @0xb4a2f4b9e5d0c1ae {
  account @0 :UInt64;
  title @1 :Text;
  key @2 :Data;
  # Ed25519 public key, 32 bytes.
}

struct DeleteSshKey @0xb4a2f4b9e5d0c1af {
  sshKey @0 :UInt64;
}

struct ChangeValidators @0xb4a2f4b9e5d0c1ad {
  # Adds one, removes one, or replaces one by another. Where the keys change, the block that holds
  # it is the last of its epoch.
  remove @0 :Data;
  # Public key, 32 bytes; empty: nobody goes.
  add @1 :Record.Validator;
  # Null: nobody comes. The key that goes may come again, with another name or address.
}
