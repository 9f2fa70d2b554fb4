// An edge under workerd: a Worker that passes on what is for a validator, and one Durable Object
// that runs the core and keeps in its database what was checked. deploy/edge/ has the
// configurations.

import factory from './core_module.mjs';
import compiled from './core.wasm';

import { fetchGenesis } from './bounded.mjs';
import { Core, RequestHead } from './core.mjs';
import { Edge } from './edge.mjs';
import { Forwarder } from './forward.mjs';
import { release } from './memory.mjs';
import {
  AnotherNetwork, bodyBytesMax, isForValidator, requireGenesis, textHeaders,
} from './serving.mjs';
import { SqlStore } from './sql_store.mjs';
import { connectGlobally } from './subscription.mjs';

export interface Environment {
  EDGE: DurableObjectNamespace;
  UPSTREAMS: string; // "http://HOST:PORT,..."
  GENESIS: string | object | ArrayBuffer; // genesis.json, or its canonical encoding
  FRESH_MS?: string;
  MAX_BYTES?: string;
  // Of a request that is passed on; what larger ones are told to do instead.
  BODY_BYTES_MAX?: string;
  VALIDATOR_URL?: string;
}

const freshMsDefault = 1000;
const maxBytesDefault = 8 * 2 ** 30; // the platform gives an object 10 GB
const fetchTimeoutMs = 30000;

export default {
  async fetch(request: Request, environment: Environment): Promise<Response> {
    const head = headOf(request);
    if (head.path === '/health/live') return answerText(200, 'ok');
    if (isForValidator(head)) return forwarderOf(environment).pass(request);
    return environment.EDGE.get(environment.EDGE.idFromName('edge')).fetch(request);
  },
};

let forwarder: Forwarder | undefined; // remembers which upstream answered

function forwarderOf(environment: Environment): Forwarder {
  forwarder ??= new Forwarder({
    upstreams: upstreamsOf(environment),
    bodyBytesMax: Number(environment.BODY_BYTES_MAX ?? 0),
    validatorUrl: (environment.VALIDATOR_URL ?? '').replace(/\/$/, ''),
    log,
  });
  return forwarder;
}

// One for all requests: one replica, one fetch for the same missing thing.
export class EdgeObject {
  private readonly store: SqlStore;
  private begun: Promise<{ edge: Edge; core: Core }> | undefined;

  constructor(state: DurableObjectState, private readonly environment: Environment) {
    this.store = new SqlStore(state.storage,
      Number(environment.MAX_BYTES ?? maxBytesDefault), log);
  }

  async fetch(request: Request): Promise<Response> {
    const head = headOf(request);
    try {
      const { edge, core } = await this.begin();
      if (head.path === '/health/ready') return answerText(200, 'ok', edge.ownHeaders());
      if (head.path === '/health') return this.health(edge, core);
      return await this.respond(edge, head, request);
    } catch (error) {
      this.rebuildAfter(error);
      const reason = error instanceof Error ? error.message : String(error);
      log(`${head.method} ${head.path}: ${reason}`);
      return answerText(error instanceof AnotherNetwork ? 500 : 503, reason);
    }
  }

  private begin(): Promise<{ edge: Edge; core: Core }> {
    this.begun ??= this.beginOnce().catch((error: unknown) => {
      this.begun = undefined;
      throw error;
    });
    return this.begun;
  }

  private async beginOnce(): Promise<{ edge: Edge; core: Core }> {
    const upstreams = upstreamsOf(this.environment);
    const core = await this.beginCore(upstreams);
    const edge = new Edge(core, this.store, {
      upstreams,
      freshMs: Number(this.environment.FRESH_MS ?? freshMsDefault),
      fetchTimeoutMs,
      connect: connectGlobally,
      log,
    });
    edge.start();
    return { edge, core };
  }

  private async beginCore(upstreams: string[]): Promise<Core> {
    const { GENESIS: given } = this.environment;
    if (given instanceof ArrayBuffer) {
      return Core.begin(factory, compiled, new Uint8Array(given), this.store.get('state'));
    }
    // What an upstream said of its encoding is kept: a restart needs no upstream.
    const kept = this.store.get('genesis');
    const genesis = kept ?? await fetchGenesis(upstreams);
    if (genesis === undefined) throw new Error(`none of ${upstreams.join(', ')} shows a genesis`);
    const core = await Core.begin(factory, compiled, genesis, this.store.get('state'));
    requireGenesis(core, typeof given === 'string' ? given : JSON.stringify(given));
    if (kept === undefined) this.store.set('genesis', genesis);
    return core;
  }

  private async respond(edge: Edge, head: RequestHead, request: Request): Promise<Response> {
    const body = await readBody(request);
    if (body === undefined) {
      return answerText(413, 'the request is too large or broken', edge.ownHeaders());
    }
    const answer = await edge.answer(head, body);
    if (answer.kind === 'passOn') return this.passOn(request, body);
    const content = await this.bodyOf(answer.body, head.method === 'HEAD');
    return new Response(content, { status: answer.head.status, headers: answer.head.headers });
  }

  private passOn(request: Request, body: Uint8Array): Promise<Response> {
    const forward = forwarderOf(this.environment);
    if (body.length === 0) return forward.pass(request);
    // It was read, and unpacked, already.
    const headers = new Headers(request.headers);
    headers.delete('content-encoding');
    headers.delete('content-length');
    return forward.pass(new Request(request.url, { method: request.method, headers, body }));
  }

  // What is short is sent as it is; what is long is made as fast as it is read.
  private async bodyOf(
    pieces: AsyncGenerator<Uint8Array>, isHead: boolean,
  ): Promise<Uint8Array | ReadableStream<Uint8Array> | null> {
    const first = await pieces.next();
    if (isHead || first.done === true) {
      await pieces.return(undefined);
      return null;
    }
    const second = await pieces.next();
    if (second.done === true) return first.value;
    const { readable, writable } = new IdentityTransformStream();
    void this.pump([first.value, second.value], pieces, writable.getWriter());
    return readable;
  }

  private async pump(
    begun: Uint8Array[], pieces: AsyncGenerator<Uint8Array>,
    writer: WritableStreamDefaultWriter<Uint8Array>,
  ): Promise<void> {
    const write = async (piece: Uint8Array) => {
      await writer.write(piece);
      release(piece);
    };
    try {
      for (const piece of begun) await write(piece);
      for await (const piece of pieces) await write(piece);
      await writer.close();
    } catch (error) {
      // The client went away, or no upstream gives the rest.
      this.rebuildAfter(error);
      await pieces.return(undefined);
      await writer.abort(error).catch(() => undefined);
    }
  }

  // A core that gave up is made again from what it verified; the requests under way have failed.
  private rebuildAfter(error: unknown): void {
    if (!(error instanceof WebAssembly.RuntimeError)) return;
    void this.begun?.then(({ edge }) => edge.stop());
    this.begun = undefined;
  }

  private health(edge: Edge, core: Core): Response {
    return Response.json({
      host: 'workerd',
      network: core.network(),
      ...edge.health(),
      module_memory_bytes: core.memoryBytes,
      store: { bytes: this.store.sizeBytes, evicted: this.store.evicted },
    }, { headers: [['cache-control', 'no-store'], ...edge.ownHeaders()] });
  }
}

function log(line: string): void {
  console.error(`edge: ${line}`);
}

function upstreamsOf(environment: Environment): string[] {
  return environment.UPSTREAMS.split(',').map((url) => url.trim().replace(/\/$/, ''));
}

function headOf(request: Request): RequestHead {
  const { pathname, search } = new URL(request.url);
  return {
    method: request.method,
    path: pathname,
    query: search.slice(1),
    headers: [...request.headers],
  };
}

function answerText(
  status: number, text: string, headers: [string, string][] = [],
): Response {
  return new Response(`${text}\n`,
    { status, headers: [...Object.entries(textHeaders), ...headers] });
}

// Undefined where it is larger than any request that is answered here.
async function readBody(request: Request): Promise<Uint8Array | undefined> {
  if (request.body === null) return new Uint8Array();
  const isGzipped = request.headers.get('content-encoding') === 'gzip';
  const length = Number(request.headers.get('content-length') ?? Infinity);
  if (!isGzipped && length <= bodyBytesMax) return new Uint8Array(await request.arrayBuffer());
  const stream = isGzipped ? request.body.pipeThrough(new DecompressionStream('gzip'))
    : request.body;
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > bodyBytesMax) {
        await reader.cancel();
        return undefined;
      }
      pieces.push(value);
    }
  } catch {
    return undefined;
  }
  const body = new Uint8Array(size);
  let end = 0;
  for (const piece of pieces) {
    body.set(piece, end);
    end += piece.length;
  }
  return body;
}
