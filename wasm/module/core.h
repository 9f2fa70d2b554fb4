// The C interface of the core: an edge (shared/replica/edge.h) without sockets, clocks or threads.
//
// All that goes in and out is bytes in the module's memory. What a call gives back beside its
// number is its output (ashlar_output, ashlar_output_size), which is valid until the next call.
// Memory may grow in every call: hold no view of it across one.
//
//   request   "METHOD\nPATH\nQUERY\n", then "name: value\n" for each header, "\n", and the body
//   head      "STATUS\n", then "name: value\n" for each header
//   addresses one a line
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct AshlarCore AshlarCore;
typedef struct AshlarExchange AshlarExchange;

enum AshlarStep {
    ASHLAR_NEEDS = 0,    // output: the addresses to fetch, as far as they are new
    ASHLAR_HEAD = 1,     // output: the head of the answer; body and end follow
    ASHLAR_BODY = 2,     // output: the next piece
    ASHLAR_END = 3,      // of the answer
    ASHLAR_PASS_ON = 4,  // not answered here: for a validator
    ASHLAR_FAILED = 5    // output: why; nothing more of this answer comes
};

enum AshlarTake {
    ASHLAR_TAKEN = 0,      // it is what it should be: worth keeping under its address
    ASHLAR_NOT_YET = 1,    // output: addresses that are needed before this can be checked
    ASHLAR_REFUSED = 2,    // output: the broken link; ask another upstream
    ASHLAR_NOT_WANTED = 3  // nobody asked for it
};

uint8_t* ashlar_allocate(size_t size);
void ashlar_release(uint8_t* bytes);

// The genesis and, where the host kept one, the trusted state. Null where they make no sense.
AshlarCore* ashlar_begin(const uint8_t* genesis, size_t genesis_size, const uint8_t* state,
                         size_t state_size);
void ashlar_end(AshlarCore* core);

const uint8_t* ashlar_output(const AshlarCore* core);
size_t ashlar_output_size(const AshlarCore* core);

// Whether a request with this head is answered here (1) or passed on (0).
int ashlar_answers(AshlarCore* core, const uint8_t* request, size_t size);
AshlarExchange* ashlar_start(AshlarCore* core, const uint8_t* request, size_t size);
int ashlar_step(AshlarExchange* exchange);
void ashlar_finish(AshlarExchange* exchange);

int ashlar_take(AshlarCore* core, const uint8_t* address, size_t address_size,
                const uint8_t* answer, size_t answer_size);
// No upstream gives it; `reason` is told to whoever waits. `missing`: all say that there is no such
// thing (which proves nothing).
void ashlar_refuse(AshlarCore* core, const uint8_t* address, size_t address_size,
                   const uint8_t* reason, size_t reason_size, int missing);
// How many bytes an answer may have; 0 where nobody wants it.
double ashlar_bytes_max(AshlarCore* core, const uint8_t* address, size_t size);
// Asks for the newest state of the repository that a request's path names, at its next request
// (unless changes are told unasked, and what is proven is from that time or later); or (forget)
// does not believe what was listed for it.
void ashlar_refresh(AshlarCore* core, const uint8_t* path, size_t size, double older_than_ms);
void ashlar_forget(AshlarCore* core, const uint8_t* path, size_t size);

// Output: a message for the server that tells unasked what changes (schema/sync.capnp,
// SubscriberMessage); empty where there is nothing to say. All that is held, or what is new.
void ashlar_hello(AshlarCore* core, int all);
// What that server told. Gives an AshlarTake; where it is taken, the output is the paths of the
// repositories that changed, one a line.
int ashlar_hear(AshlarCore* core, const uint8_t* message, size_t size);
void ashlar_unsubscribed(AshlarCore* core);

// What is worth keeping beside what was fetched: 0 where there is nothing, else the output is its
// address; then (content) it itself.
int ashlar_kept_address(AshlarCore* core);
void ashlar_kept_content(AshlarCore* core);

// Of the newest header that was proven; 0 before there is one.
double ashlar_newest_height(AshlarCore* core);
double ashlar_newest_time(AshlarCore* core);
// Output: "owner/name HEIGHT TIME" a line, for each repository that is held.
void ashlar_held(AshlarCore* core);

// Output: what the light client trusts, to be kept. Gives the height.
double ashlar_trusted(AshlarCore* core);
// Output: the network's id in hexadecimal.
void ashlar_network(AshlarCore* core);
// Output: the genesis as JSON, to be compared with the genesis.json that the host was given.
void ashlar_genesis(AshlarCore* core);

#ifdef __cplusplus
}
#endif
