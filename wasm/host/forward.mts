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
    if (Number(request.headers.get('content-length') ?? 0) > this.bodyBytesMax) {
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

  private get bodyBytesMax(): number {
    return this.settings.bodyBytesMax === 0 ? Infinity : this.settings.bodyBytesMax;
  }

  private async passTo(upstream: string, request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    if (request.headers.has('upgrade')) return fetch(upstream + pathname + search, request);
    const counted = { tooLarge: false };
    const headers = new Headers(
      [...request.headers].filter(([name]) => !ofConnection.has(name)));
    const answer = await fetch(upstream + pathname + search, {
      method: request.method,
      headers,
      redirect: 'manual',
      ...(request.body === null ? {} : { body: this.bounded(request.body, counted) }),
    }).catch((error: unknown) => {
      throw counted.tooLarge ? new TooLarge() : error;
    });
    const kept = new Headers([...answer.headers].filter(([name]) => !ofConnection.has(name)));
    return new Response(answer.body, { status: answer.status, headers: kept });
  }

  private bounded(
    body: ReadableStream<Uint8Array>, counted: { tooLarge: boolean },
  ): ReadableStream<Uint8Array> {
    const bytesMax = this.bodyBytesMax;
    if (bytesMax === Infinity) return body;
    let size = 0;
    return body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        size += piece.length;
        if (size <= bytesMax) return controller.enqueue(piece);
        counted.tooLarge = true;
        controller.error(new TooLarge());
      },
    }));
  }

  // git shows people what comes in its protocol, not the text of a status.
  private refuseBody(request: Request): Response {
    const where = this.settings.validatorUrl || (this.settings.upstreams[this.first] ?? '');
    const path = new URL(request.url).pathname.replace(/\/git-receive-pack$/, '');
    const text = `more than ${this.bodyBytesMax} bytes are not passed on here; ` +
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
