// Put before every test program that em++ links for node.

// emcc 3.1.6 takes a node that has fetch for a browser, and then cannot load its own module.
globalThis.fetch = undefined;

// The tests' environment variables (GTEST_FILTER, ASHLAR_SOURCE_DIR) are those of node's process.
Module['preRun'] = [() => {
  if (typeof ENV !== 'undefined') Object.assign(ENV, process.env);
}];
