// An edge under node: a server with a folder.
//
//   node node.mjs --upstream URL[,URL] --genesis FILE [--port N] [--host HOST] [--data DIR]
//     [--max-bytes N] [--core DIR] [--fresh MS] [--json]

import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

import { fetchGenesis } from './bounded.mjs';
import { Core, RequestHead } from './core.mjs';
import { Edge } from './edge.mjs';
import { FolderStore } from './folder_store.mjs';
import { connectUnderNode } from './node_socket.mjs';
import { bodyBytesMax, ofConnection, requireGenesis, textHeaders } from './serving.mjs';

const folderBytesMax = 16 * 2 ** 30;

function fail(message: string): never {
  process.stderr.write(`edge: ${message}\n`);
  process.exit(1);
}

// The file decides which network is trusted. Where it is genesis.json, an upstream may say how that
// is encoded, and the core says what the encoding means.
async function beginCore(
  folder: string, genesisFile: string, upstreams: string[], state: Uint8Array | undefined,
): Promise<Core> {
  const given = await readFile(genesisFile).catch((error: Error) => fail(error.message));
  const isJson = given[0] === '{'.charCodeAt(0);
  const genesis = isJson ? await fetchGenesis(upstreams) : new Uint8Array(given);
  if (genesis === undefined) return fail(`none of ${upstreams.join(', ')} shows a genesis`);
  const { default: factory } = await import(pathToFileURL(path.join(folder, 'core.mjs')).href);
  const compiled = await WebAssembly.compile(await readFile(path.join(folder, 'core.wasm')));
  const core = await Core.begin(factory, compiled, genesis, state)
    .catch((error: Error) => fail(error.message));
  if (isJson) {
    try {
      requireGenesis(core, given.toString());
    } catch (error) {
      fail(`${genesisFile}: ${(error as Error).message}`);
    }
  }
  return core;
}

function headOf(request: http.IncomingMessage): RequestHead {
  const target = request.url ?? '/';
  const question = target.indexOf('?');
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.push([name, Array.isArray(value) ? value.join(', ') : value]);
  }
  return {
    method: request.method ?? 'GET',
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? '' : target.slice(question + 1),
    headers,
  };
}

function answerText(
  response: http.ServerResponse, status: number, text: string, headers: [string, string][] = [],
): void {
  response.writeHead(status, { ...textHeaders, ...Object.fromEntries(headers) });
  response.end(`${text}\n`);
}

// To a validator, streamed both ways, with the client's credentials; a body that was read already
// is sent as it is.
function passOn(
  upstream: string, request: http.IncomingMessage, response: http.ServerResponse,
  body?: Uint8Array,
): void {
  const url = new URL(upstream);
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !ofConnection.has(name)));
  if (body !== undefined) {
    delete headers['content-encoding'];
    headers['content-length'] = String(body.length);
  }
  // Over TLS the server is known by its own name.
  const isSecure = url.protocol === 'https:';
  const host = isSecure ? url.host : request.headers.host ?? url.host;
  const passed = (isSecure ? https : http).request({ host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port, method: request.method, path: request.url, headers: { ...headers, host } },
  (answer) => {
    const kept = Object.fromEntries(
      Object.entries(answer.headers).filter(([name]) => !ofConnection.has(name)));
    response.writeHead(answer.statusCode ?? 502, kept);
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  passed.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else answerText(response, 502, `the validator does not answer: ${error.message}`);
  });
  if (body !== undefined) passed.end(body);
  else request.pipe(passed);
  response.on('close', () => passed.destroy());
}

async function readBody(request: http.IncomingMessage): Promise<Uint8Array | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    size += (piece as Buffer).length;
    if (size > bodyBytesMax) return undefined;
    pieces.push(piece as Buffer);
  }
  const body = Buffer.concat(pieces);
  if (request.headers['content-encoding'] !== 'gzip') return body;
  return gunzipSync(body, { maxOutputLength: bodyBytesMax });
}

async function serve(
  edge: Edge, store: FolderStore, request: http.IncomingMessage, response: http.ServerResponse,
): Promise<void> {
  const head = headOf(request);
  if (head.path === '/health/live' || head.path === '/health/ready') {
    return answerText(response, 200, 'ok', edge.ownHeaders());
  }
  if (head.path === '/health') {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store',
      ...Object.fromEntries(edge.ownHeaders()) });
    response.end(JSON.stringify({ ...edge.health(),
      store: { bytes: store.sizeBytes, evicted: store.evicted } }));
    return;
  }
  if (!edge.answers(head)) return passOn(edge.upstream, request, response);
  const body = await readBody(request).catch(() => undefined);
  if (body === undefined) {
    return answerText(response, 413, 'the request is too large or broken', edge.ownHeaders());
  }
  const answer = await edge.answer(head, body);
  if (answer.kind === 'passOn') {
    return passOn(edge.upstream, request, response, body.length > 0 ? body : undefined);
  }
  response.writeHead(answer.head.status, Object.fromEntries(answer.head.headers));
  for await (const piece of answer.body) {
    if (head.method === 'HEAD') break;
    if (response.destroyed) return; // which ends the answer's exchange, too
    if (!response.write(piece)) {
      await new Promise<void>((go) => {
        response.once('drain', go);
        response.once('close', go);
      });
    }
  }
  response.end();
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: {
    upstream: { type: 'string' }, genesis: { type: 'string' },
    port: { type: 'string', default: '8081' }, host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string', default: 'ashlar-edge' }, core: { type: 'string', default: '.' },
    fresh: { type: 'string', default: '1000' }, json: { type: 'boolean', default: false },
    'max-bytes': { type: 'string', default: String(folderBytesMax) },
  } });
  if (!values.upstream || !values.genesis) fail('--upstream URL[,URL] and --genesis FILE are needed');
  const upstreams = values.upstream.split(',').map((url) => url.replace(/\/$/, ''));
  for (const upstream of upstreams) {
    if (!/^https?:\/\/[^/]+$/.test(upstream)) fail(`not http://HOST:PORT or https://HOST: ${upstream}`);
  }
  const bytesMax = Number(values['max-bytes']);
  if (!(bytesMax > 0)) fail(`--max-bytes is a number of bytes, not ${values['max-bytes']}`);
  const store = await FolderStore.open(values.data ?? 'ashlar-edge', bytesMax);
  const core = await beginCore(values.core ?? '.', values.genesis, upstreams,
    await store.findState());
  const edge = new Edge(core, store, {
    upstreams,
    freshMs: Number(values.fresh),
    fetchTimeoutMs: 30000,
    connect: connectUnderNode,
    log: (line) => process.stderr.write(`edge: ${line}\n`),
  });
  const server = http.createServer((request, response) => {
    serve(edge, store, request, response).catch((error: Error) => {
      process.stderr.write(`edge: ${request.method} ${request.url}: ${error.message}\n`);
      if (response.headersSent) response.destroy();
      else answerText(response, 503, error.message, edge.ownHeaders());
    });
  });
  edge.start();
  server.listen(Number(values.port), values.host, () => {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const url = `http://${values.host}:${port}`;
    const said = values.json ? JSON.stringify({ url, network: core.network() })
      : `an edge of ${core.network()} serves ${url}`;
    process.stdout.write(`${said}\n`);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
}

await main();
