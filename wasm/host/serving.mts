// What the servers among the hosts have in common: which network is trusted, and what is for a
// validator.

import { Core, RequestHead } from './core.mjs';

// Of a request that is answered here: git's wants and haves.
export const bodyBytesMax = 16 << 20;

// Headers that are of one connection, not of the message.
export const ofConnection = new Set(['connection', 'keep-alive', 'proxy-authenticate',
  'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'host']);

export const textHeaders = { 'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

// Whoever brings credentials may be shown more than the public, and what is written goes to a
// validator: both are known without asking the core.
export function isForValidator(head: RequestHead): boolean {
  if (head.headers.some(([name]) => name === 'authorization' || name === 'cookie')) return true;
  if (head.method === 'POST') return !head.path.endsWith('/git-upload-pack');
  return head.method !== 'GET' && head.method !== 'HEAD';
}

// Another network than the one that the operator trusts: nothing mends that.
export class AnotherNetwork extends Error {}

// An upstream may say how genesis.json is encoded; the core says what the encoding means.
export function requireGenesis(core: Core, genesisJson: string): void {
  if (sameValue(JSON.parse(genesisJson), core.genesis())) return;
  throw new AnotherNetwork('the upstream is of another network than the genesis that was given');
}

function sameValue(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return left === right;
  }
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) =>
    sameValue((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]));
}
