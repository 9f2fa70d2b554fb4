// What every host of an edge does: asks the core, fetches what it lacks, asks again. One fetch for
// the same missing thing, whoever waits for it; the next upstream when one is down, or lies.

import { readWhole } from './bounded.mjs';
import { Core, Exchange, RequestHead, ResponseHead, Step, Take } from './core.mjs';
import { Connect, Subscription } from './subscription.mjs';

// Where what was checked is kept, by its address. It may lose anything at any time.
export interface Store {
  find(address: string): Promise<Uint8Array | undefined>;
  // May reject (a full disk): what is not kept is fetched again.
  keep(address: string, content: Uint8Array): Promise<void>;
  keepState(state: Uint8Array): Promise<void>;
}

export interface EdgeSettings {
  upstreams: string[]; // "http://HOST:PORT"
  // How old a repository's state may be before its newest is asked for, where nobody tells it.
  freshMs: number;
  fetchTimeoutMs: number;
  // How an upstream is subscribed to (Edge.start); undefined: the newest is only ever asked for.
  connect?: Connect;
  log(line: string): void;
}

export class Unanswered extends Error {}
class Missing extends Error {}

type Answer =
  | { kind: 'passOn' }
  | { kind: 'answer'; head: ResponseHead; body: AsyncGenerator<Uint8Array> };

interface Beginning {
  pieces: Uint8Array[];
  isWhole: boolean;
}

const beginningBytesMin = 32 << 10;
const beginningPiecesMax = 64;
// What is told unasked is proven anew at a request once it is so old.
const toldFreshMsMin = 60000;
const staleSecondsMax = 180;
const warmAtOnceMax = 4;
const keepingMax = 16;
// Changes of the validators that one answer may lead through.
const detoursMax = 64;
const mutable = /\/checkpoint$/;
// What only this edge says, to itself.
const own = /^\/checked\//;

export class Edge {
  // Whatever the core wants is in here until it took it, or was refused it.
  private readonly fetching = new Map<string, Promise<void>>();
  private readonly refreshed = new Map<string, number>();
  private readonly subscription: Subscription | undefined;
  private readonly toWarm = new Set<string>();
  private warming = 0;
  private firstUpstream = 0;
  private keeping = 0;
  private keepingState = false;
  private stateChanged = false;
  readonly counters = { requests: 0, passedOn: 0, fetched: 0, found: 0, refused: 0, told: 0 };

  constructor(
    private readonly core: Core, private readonly store: Store,
    private readonly settings: EdgeSettings,
  ) {
    const { connect, upstreams } = settings;
    if (connect === undefined || upstreams.length === 0) return;
    this.subscription = new Subscription({
      upstreams, connect, log: settings.log,
      hello: (all) => this.core.hello(all),
      hear: (upstream, message) => this.hear(upstream, message),
      lost: () => this.core.unsubscribed(),
    });
  }

  // Subscribes, and keeps subscribed; without it the edge only asks.
  start(): void {
    this.subscription?.start();
  }

  stop(): void {
    this.subscription?.stop();
  }

  get upstream(): string {
    return this.settings.upstreams[this.firstUpstream] ?? '';
  }

  // What `/health` shows.
  health(): object {
    const { height, timeMs } = this.core.newest();
    return { upstream: this.upstream, told_by: this.subscription?.upstream ?? null, height,
      time_ms: timeMs, age_s: ageSeconds(timeMs), ...this.counters, held: this.core.held() };
  }

  // For answers that are none of the core's, such as /health.
  ownHeaders(): [string, string][] {
    return this.withAge({ status: 200, headers: [] }).headers;
  }

  answers(head: RequestHead): boolean {
    return this.core.answers(head);
  }

  // The head says how old it is: Ashlar-Height, Age, and Warning where that is much or where nobody
  // could be asked.
  async answer(head: RequestHead, body: Uint8Array): Promise<Answer> {
    this.counters.requests += 1;
    this.askForNewest(head);
    // Where a server's list led astray, the next one's is tried.
    for (let attempt = 0; ; attempt += 1) {
      const exchange = this.core.start(head, body);
      try {
        const { step, responseHead, reason } = await this.stepOn(exchange, (its) => ({
          step: its,
          responseHead: its === Step.head ? this.withAge(exchange.head()) : undefined,
          reason: its === Step.failed ? this.core.outputText() : '',
        }));
        if (responseHead !== undefined) {
          // A lie that shows at the beginning costs the client nothing.
          const beginning = await this.beginningOf(exchange);
          return { kind: 'answer', head: responseHead,
            body: this.bodyOf(exchange, head.path, beginning) };
        }
        if (step === Step.passOn) {
          exchange.finish();
          this.counters.passedOn += 1;
          return { kind: 'passOn' };
        }
        throw new Unanswered(reason);
      } catch (error) {
        exchange.finish();
        // What is still under way was asked for by the word of the same server.
        await Promise.allSettled(this.fetching.values());
        this.distrust(head.path, textOf(error));
        if (attempt >= this.settings.upstreams.length) throw error;
      }
    }
  }

  private async beginningOf(exchange: Exchange): Promise<Beginning> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < beginningBytesMin && pieces.length < beginningPiecesMax) {
      const { piece, reason } = await this.pieceOf(exchange);
      if (reason !== undefined) throw new Unanswered(reason);
      if (piece === undefined) return { pieces, isWhole: true };
      bytes += piece.length;
      pieces.push(piece);
    }
    return { pieces, isWhole: false };
  }

  // Neither at the end.
  private pieceOf(exchange: Exchange): Promise<{ piece?: Uint8Array; reason?: string }> {
    return this.stepOn(exchange, (step) => {
      if (step === Step.body) return { piece: this.core.output() };
      return step === Step.end ? {} : { reason: this.core.outputText() };
    });
  }

  // To be read, or ended by return(): then what the core holds for it is let go.
  private async *bodyOf(
    exchange: Exchange, path: string, beginning: Beginning,
  ): AsyncGenerator<Uint8Array> {
    try {
      for (const piece of beginning.pieces) yield piece;
      while (!beginning.isWhole) {
        const { piece, reason } = await this.pieceOf(exchange);
        if (reason !== undefined) {
          this.distrust(path, reason);
          throw new Unanswered(reason);
        }
        if (piece === undefined) return;
        yield piece;
      }
    } finally {
      exchange.finish();
      this.keepFindings();
    }
  }

  // The next step that is none of waiting. What it put out is read at once: the core has one output,
  // and whoever waits meanwhile would read, or be given, another request's.
  private async stepOn<Result>(
    exchange: Exchange, read: (step: Step) => Result,
  ): Promise<Result> {
    for (;;) {
      const step = exchange.step();
      if (step !== Step.needs) return read(step);
      this.fetchAll(this.core.outputLines());
      if (this.fetching.size === 0) throw new Unanswered('nothing is fetched of what is needed');
      // What it needs may be on its way for somebody else.
      await Promise.race(this.fetching.values());
    }
  }

  private withAge(head: ResponseHead): ResponseHead {
    const headers = new Map(head.headers);
    const newest = this.core.newest();
    const timeMs = Number(headers.get('ashlar-time') ?? newest.timeMs);
    if (!headers.has('ashlar-height')) headers.set('ashlar-height', String(newest.height));
    headers.set('ashlar-time', String(timeMs));
    headers.set('age', String(ageSeconds(timeMs)));
    if (ageSeconds(timeMs) > staleSecondsMax && !headers.has('warning')) {
      headers.set('warning', '110 - "Response is Stale"');
    }
    return { status: head.status, headers: [...headers] };
  }

  private askForNewest(head: RequestHead): void {
    const isList = head.method !== 'POST';
    const name = head.path.split('/').slice(0, 4).join('/');
    const now = Date.now();
    const { freshMs } = this.settings;
    if (!isList || now - (this.refreshed.get(name) ?? 0) < freshMs) return;
    this.refreshed.set(name, now);
    if (this.refreshed.size > 10000) this.refreshed.clear();
    this.core.refresh(head.path, now - Math.max(freshMs, toldFreshMsMin));
  }

  private distrust(path: string, reason: string): void {
    this.settings.log(`${this.upstream}: ${reason}`);
    this.core.forget(path);
    this.firstUpstream = (this.firstUpstream + 1) % this.settings.upstreams.length;
  }

  private fetchAll(addresses: string[]): void {
    for (const address of addresses) void this.once(address, () => this.fetchOne(address));
  }

  // The fetch of an address that is under way, or a new one. Never rejects.
  private once(address: string, fetchIt: () => Promise<void>): Promise<void> {
    const underWay = this.fetching.get(address);
    if (underWay !== undefined) return underWay;
    const fetched = fetchIt()
      .catch((error: unknown) => this.settings.log(`${address}: ${textOf(error)}`))
      .finally(() => {
        if (this.fetching.get(address) === fetched) this.fetching.delete(address);
      });
    this.fetching.set(address, fetched);
    return fetched;
  }

  // In the same breath as the core forgets that it wants it: were it done later, what is wanted
  // again meanwhile would seem to be on its way.
  private settled(address: string): void {
    this.fetching.delete(address);
  }

  private async fetchOne(address: string): Promise<void> {
    const kept = mutable.test(address) ? undefined : await this.find(address);
    if (kept !== undefined && this.core.take(address, kept) === Take.taken) {
      this.settled(address);
      this.counters.found += 1;
      return;
    }
    let reason = 'no upstream is known';
    let missing = 0;
    const upstreams = own.test(address) ? [] : this.settings.upstreams;
    for (let i = 0; i < upstreams.length; i += 1) {
      const upstream = upstreams[(this.firstUpstream + i) % upstreams.length] ?? '';
      try {
        await this.takeFrom(upstream, address);
        return;
      } catch (error) {
        missing += error instanceof Missing ? 1 : 0;
        reason = `${upstream}${address}: ${textOf(error)}`;
        this.settings.log(reason);
      }
    }
    this.core.refuse(address, reason, missing === upstreams.length);
    this.settled(address);
  }

  private async find(address: string): Promise<Uint8Array | undefined> {
    try {
      return await this.store.find(address);
    } catch (error) {
      this.settings.log(`${address} cannot be looked up: ${textOf(error)}`);
      return undefined;
    }
  }

  // Throws where the upstream has it not, or it is not what it should be.
  private async takeFrom(upstream: string, address: string): Promise<void> {
    const bytesMax = this.core.bytesMax(address);
    if (bytesMax === 0) return this.settled(address); // nobody wants it any more
    const answer = await fetch(upstream + address, {
      headers: { accept: 'application/vnd.ashlar.capnp, application/octet-stream' },
      signal: AbortSignal.timeout(this.settings.fetchTimeoutMs),
    });
    if (!answer.ok) {
      await answer.body?.cancel();
      if (answer.status === 404) throw new Missing('it is not there, or not public');
      throw new Error(`status ${answer.status}`);
    }
    const content = await readWhole(answer, bytesMax);
    const taken = await this.offer(upstream, () => this.core.take(address, content));
    this.settled(address);
    if (taken === Take.notWanted) return;
    this.counters.fetched += 1;
    if (!mutable.test(address)) {
      // Nobody waits for the disk, unless it is too slow for all of this.
      if (this.keeping >= keepingMax) await this.keep(address, content);
      else void this.keep(address, content);
      return;
    }
    this.keepState();
    this.subscription?.tellMore();
  }

  // Hands something in, after what it needs to be checked (how the validators changed since).
  // Throws where it is refused.
  private async offer(upstream: string, handIn: () => Take): Promise<Take> {
    for (let detour = 0; detour < detoursMax; detour += 1) {
      const taken = handIn();
      if (taken === Take.refused) {
        this.counters.refused += 1;
        throw new Error(`refused: ${this.core.outputText()}`);
      }
      if (taken !== Take.notYet) return taken;
      for (const needed of this.core.outputLines()) {
        let failure: unknown;
        await this.once(needed, () => this.takeFrom(upstream, needed).catch((error: unknown) => {
          failure = error;
          this.core.refuse(needed, textOf(error), false);
        }));
        if (failure !== undefined) throw failure;
      }
    }
    throw new Error('it leads through too many changes of the validators');
  }

  // ---- What is told unasked. ----

  private async hear(upstream: string, message: Uint8Array): Promise<void> {
    const taken = await this.offer(upstream, () => {
      const heard = this.core.hear(message);
      if (heard === Take.taken) for (const path of this.core.outputLines()) this.toWarm.add(path);
      return heard;
    });
    if (taken !== Take.taken) return;
    this.counters.told += 1;
    this.keepState();
    this.warm();
  }

  // Lists and indexes are there before somebody asks for what changed.
  private warm(): void {
    for (const path of this.toWarm) {
      if (this.warming >= warmAtOnceMax) return;
      this.toWarm.delete(path);
      this.warming += 1;
      void this.warmOne(path).finally(() => {
        this.warming -= 1;
        this.warm();
      });
    }
  }

  private async warmOne(path: string): Promise<void> {
    const exchange = this.core.start({ method: 'GET', path: `${path}.git/info/refs`,
      query: 'service=git-upload-pack', headers: [] }, new Uint8Array());
    try {
      await this.stepOn(exchange, () => undefined);
    } catch (error) {
      this.settings.log(`${path}: ${textOf(error)}`);
    } finally {
      exchange.finish();
    }
  }

  // ---- What is kept: nobody waits for that. ----

  private async keep(address: string, content: Uint8Array): Promise<void> {
    this.keeping += 1;
    try {
      await this.store.keep(address, content);
    } catch (error) {
      this.settings.log(`${address} cannot be kept: ${textOf(error)}`);
    }
    this.keeping -= 1;
  }

  private keepFindings(): void {
    for (let kept = this.core.takeKept(); kept !== undefined; kept = this.core.takeKept()) {
      void this.keep(kept.address, kept.content);
    }
  }

  // The newest, one write after the other.
  private keepState(): void {
    this.stateChanged = true;
    if (!this.keepingState) void this.writeState();
  }

  private async writeState(): Promise<void> {
    this.keepingState = true;
    while (this.stateChanged) {
      this.stateChanged = false;
      try {
        await this.store.keepState(this.core.trusted().state);
      } catch (error) {
        this.settings.log(`what is trusted cannot be kept: ${textOf(error)}`);
      }
    }
    this.keepingState = false;
  }
}

function ageSeconds(timeMs: number): number {
  return Math.max(0, Math.floor((Date.now() - timeMs) / 1000));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
