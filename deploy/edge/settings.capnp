# What an edge of one's own is told. `./dev edge` writes such a file.
@0xd4c8e1579ab3f260;

# Where it listens.
const listen :Text = "127.0.0.1:8090";
# The validators, or other edges: the first that answers is asked.
const upstreams :Text = "http://127.0.0.1:8080,http://127.0.0.1:8081";
# Which addresses it may reach at all: "local" (this machine), "private", "public".
const upstreamNetworks :List(Text) = ["local"];
# How old a repository's state may be before its newest is asked for where no upstream tells what is
# new, in milliseconds.
const freshMs :Text = "1000";
# How much of what was checked is kept.
const maxBytes :Text = "8589934592";
# The largest request that is passed on, "0" for any; where larger pushes are told to go ("" for the
# upstream in use).
const bodyBytesMax :Text = "0";
const validatorUrl :Text = "";
