@0xaf9b0dd2cd3cedec;
# How a network begins. See README.md for the rules of encoding and evolution.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ashlar::schema");

using Record = import "record.capnp";

struct Genesis @0xf1b2c3d4e5f60701 {
  # Its BLAKE2b-256 hash in the domain "ashlar genesis" is the network's id.
  formatVersion @0 :UInt32;
  networkName @1 :Text;
  timeMs @2 :UInt64;
  validators @3 :List(Record.Validator);
  # Sorted by key, none twice.
  administratorLogin @4 :Text;
  administratorTokenHash @5 :Data;
  settings @6 :Record.Settings;
}
