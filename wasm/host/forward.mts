// What is for a validator, passed on to one with its credentials, streamed both ways.

import { ofConnection, textHeaders } from './serving.mjs';

export interface ForwarderSettings {
  upstreams: string[];
  // What the platform lets through of a request's body; 0 where it sets no bound.
  bodyBytesMax: number;
  // Where larger pushes go; the upstream in use where this is empty.
  validatorUrl: string;
  log(line: string): void;
}

class TooLarge extends Error {}

const receivePack = 'application/x-git-receive-pack-request';
const errorBand = 3;
// git's packet lines give their length in four hexadecimal digits.
const packetTextMax = 1000;

export class Forwarder {
  private first = 0;

  constructor(private readonly settings: ForwarderSettings) {}

  // The next upstream where one cannot be reached; a body that is on its way goes nowhere else.
  async pass(request: Request): Promise<Response> {
    const { upstreams } = this.settings;
    const { bodyBytesMax } = this.settings;
    if (bodyBytesMax > 0 && Number(request.headers.get('content-length') ?? 0) > bodyBytesMax) {
      await request.body?.pipeTo(new WritableStream()).catch(() => undefined);
      return this.refuseBody(request);
    }
    let reason = 'no upstream is known';
    for (let i = 0; i < upstreams.length; i += 1) {
      try {
        return await this.passTo(upstreams[this.first] ?? '', request);
      } catch (error) {
        if (error instanceof TooLarge) return this.refuseBody(request);
        reason = error instanceof Error ? error.message : String(error);
        this.settings.log(`${upstreams[this.first]}: passing on: ${reason}`);
        this.first = (this.first + 1) % upstreams.length;
        if (request.body !== null) break;
      }
    }
    return new Response(`no validator answers: ${reason}\n`, { status: 502, headers: textHeaders });
  }

  private async passTo(upstream: string, request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    if (request.headers.has('upgrade')) return fetch(upstream + pathname + search, request);
    // Cut off, not ended: a validator must not take what came so far for all of it.
    const cut = new AbortController();
    const passing = new TransformStream<Uint8Array, Uint8Array>();
    const isBounded = request.body !== null && this.settings.bodyBytesMax > 0;
    const pumped = isBounded ? this.pump(request.body, passing.writable, cut) : undefined;
    const body = isBounded ? passing.readable : request.body;
    const headers = new Headers(
      [...request.headers].filter(([name]) => !ofConnection.has(name)));
    const answer = await fetch(upstream + pathname + search, {
      method: request.method,
      headers,
      redirect: 'manual',
      signal: cut.signal,
      ...(body === null ? {} : { body }),
    }).catch(async (error: unknown) => {
      if (!cut.signal.aborted) throw error;
      await pumped;
      throw new TooLarge();
    });
    const kept = new Headers([...answer.headers].filter(([name]) => !ofConnection.has(name)));
    return new Response(answer.body, { status: answer.status, headers: kept });
  }

  // As much as is let through. The rest is read to nothing: a client that still sends hears no
  // answer.
  private async pump(
    body: ReadableStream<Uint8Array>, passing: WritableStream<Uint8Array>, cut: AbortController,
  ): Promise<void> {
    const reader = body.getReader();
    const writer = passing.getWriter();
    try {
      for (let size = 0; ;) {
        const { done, value } = await reader.read();
        if (done) break;
        size += value.length;
        if (size > this.settings.bodyBytesMax) cut.abort();
        else await writer.write(value);
      }
      if (!cut.signal.aborted) await writer.close();
    } catch {
      // The validator answered before it read all, or the client went away.
      await writer.abort().catch(() => undefined);
    }
  }

  // git shows people what comes in its protocol, not the text of a status.
  private refuseBody(request: Request): Response {
    const where = this.settings.validatorUrl || (this.settings.upstreams[this.first] ?? '');
    const path = new URL(request.url).pathname.replace(/\/git-receive-pack$/, '');
    const text = `more than ${this.settings.bodyBytesMax} bytes are not passed on here; ` +
      `send them to a validator: ${where}${path}`.slice(0, packetTextMax);
    if (request.headers.get('content-type') !== receivePack) {
      return new Response(`${text}\n`, { status: 413, headers: textHeaders });
    }
    const line = `${String.fromCharCode(errorBand)}${text}\n`;
    const length = (new TextEncoder().encode(line).length + 4).toString(16).padStart(4, '0');
    return new Response(`${length}${line}0000`, { headers: {
      'content-type': 'application/x-git-receive-pack-result', 'cache-control': 'no-cache' } });
  }
}
