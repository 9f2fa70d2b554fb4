# An edge under workerd (README.md). What differs from one edge to the next is in settings.capnp,
# which stands beside this file, as do worker/ and genesis.json.
@0xb1f0a3c6d2e84957;

using Workerd = import "/workerd/workerd.capnp";
using Settings = import "settings.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    (name = "upstreams", network = (
      allow = Settings.upstreamNetworks,
      tlsOptions = (trustBrowserCas = true),
    )),
    # Where the Durable Object's database is.
    (name = "store", disk = (path = "store", writable = true)),
  ],
  sockets = [
    (name = "http", address = Settings.listen, http = (), service = "edge"),
  ],
);

const edge :Workerd.Worker = (
  modules = [
    (name = "workerd.mjs", esModule = embed "worker/workerd.mjs"),
    (name = "bounded.mjs", esModule = embed "worker/bounded.mjs"),
    (name = "core.mjs", esModule = embed "worker/core.mjs"),
    (name = "edge.mjs", esModule = embed "worker/edge.mjs"),
    (name = "forward.mjs", esModule = embed "worker/forward.mjs"),
    (name = "memory.mjs", esModule = embed "worker/memory.mjs"),
    (name = "serving.mjs", esModule = embed "worker/serving.mjs"),
    (name = "sql_store.mjs", esModule = embed "worker/sql_store.mjs"),
    (name = "subscription.mjs", esModule = embed "worker/subscription.mjs"),
    (name = "core_module.mjs", esModule = embed "worker/core_module.mjs"),
    (name = "core.wasm", wasm = embed "worker/core.wasm"),
  ],
  compatibilityDate = "2024-09-23",
  bindings = [
    (name = "EDGE", durableObjectNamespace = "EdgeObject"),
    (name = "GENESIS", text = embed "genesis.json"),
    (name = "UPSTREAMS", text = Settings.upstreams),
    (name = "FRESH_MS", text = Settings.freshMs),
    (name = "MAX_BYTES", text = Settings.maxBytes),
    (name = "BODY_BYTES_MAX", text = Settings.bodyBytesMax),
    (name = "VALIDATOR_URL", text = Settings.validatorUrl),
  ],
  # An object that was put away would have to read its state again.
  durableObjectNamespaces = [
    (className = "EdgeObject", uniqueKey = "ashlar-edge", enableSql = true, preventEviction = true),
  ],
  durableObjectStorage = (localDisk = "store"),
  globalOutbound = "upstreams",
);
