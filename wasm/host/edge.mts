// What every host of an edge does: asks the core, fetches what it lacks, asks again. One fetch for
// the same missing thing, whoever waits for it; the next upstream when one is down, or lies.

import { Core, Exchange, RequestHead, ResponseHead, Step, Take } from './core.mjs';

// Where what was checked is kept, by its address. It may lose anything at any time.
export interface Store {
  find(address: string): Promise<Uint8Array | undefined>;
  keep(address: string, content: Uint8Array): Promise<void>;
  keepState(state: Uint8Array): Promise<void>;
}

export interface EdgeSettings {
  upstreams: string[]; // "http://HOST:PORT"
  // How old a repository's state may be before its newest is asked for.
  freshMs: number;
  fetchTimeoutMs: number;
  log(line: string): void;
}

export class Unanswered extends Error {}
class Missing extends Error {}

type Answer =
  | { kind: 'passOn' }
  | { kind: 'answer'; head: ResponseHead; body: AsyncGenerator<Uint8Array> };

// How often an exchange is tried again that needs what nobody fetches, and after which pause.
const idleStepsMax = 3;
const idleStepMs = 20;
const mutable = /\/checkpoint$/;

export class Edge {
  private readonly fetching = new Map<string, Promise<void>>();
  private readonly refreshed = new Map<string, number>();
  private firstUpstream = 0;
  readonly counters = { requests: 0, passedOn: 0, fetched: 0, found: 0, refused: 0 };

  constructor(
    private readonly core: Core, private readonly store: Store,
    private readonly settings: EdgeSettings,
  ) {}

  get upstream(): string {
    return this.settings.upstreams[this.firstUpstream] ?? '';
  }

  answers(head: RequestHead): boolean {
    return this.core.answers(head);
  }

  async answer(head: RequestHead, body: Uint8Array): Promise<Answer> {
    this.counters.requests += 1;
    this.askForNewest(head);
    // Where a server's list led astray, the next one's is tried.
    for (let attempt = 0; ; attempt += 1) {
      const exchange = this.core.start(head, body);
      try {
        const step = await this.stepOn(exchange);
        if (step === Step.head) {
          const responseHead = exchange.head();
          return { kind: 'answer', head: responseHead, body: this.bodyOf(exchange, head.path) };
        }
        if (step === Step.passOn) {
          exchange.finish();
          this.counters.passedOn += 1;
          return { kind: 'passOn' };
        }
        throw new Unanswered(this.core.outputText());
      } catch (error) {
        exchange.finish();
        // What is still under way was asked for by the word of the same server.
        await Promise.allSettled(this.fetching.values());
        this.distrust(head.path, error instanceof Error ? error.message : String(error));
        if (attempt >= this.settings.upstreams.length) throw error;
      }
    }
  }

  private async *bodyOf(exchange: Exchange, path: string): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const step = await this.stepOn(exchange);
        if (step === Step.end) return;
        if (step !== Step.body) {
          const reason = this.core.outputText();
          this.distrust(path, reason);
          throw new Unanswered(reason);
        }
        yield this.core.output();
      }
    } finally {
      exchange.finish();
    }
  }

  // The next step that is none of waiting.
  private async stepOn(exchange: Exchange): Promise<Step> {
    for (let idle = 0; ; ) {
      const step = exchange.step();
      if (step !== Step.needs) return step;
      this.fetchAll(this.core.outputLines());
      // What it needs may be on its way for somebody else, or have come a moment ago.
      if (this.fetching.size > 0) {
        await Promise.race(this.fetching.values());
        continue;
      }
      idle += 1;
      if (idle > idleStepsMax) throw new Unanswered('nothing is fetched of what is needed');
      await new Promise((resolve) => setTimeout(resolve, idleStepMs));
    }
  }

  private askForNewest(head: RequestHead): void {
    const isList = head.method !== 'POST';
    const name = head.path.split('/').slice(0, 4).join('/');
    const now = Date.now();
    if (!isList || now - (this.refreshed.get(name) ?? 0) < this.settings.freshMs) return;
    this.refreshed.set(name, now);
    if (this.refreshed.size > 10000) this.refreshed.clear();
    this.core.refresh(head.path);
  }

  private distrust(path: string, reason: string): void {
    this.settings.log(`${this.upstream}: ${reason}`);
    this.core.forget(path);
    this.firstUpstream = (this.firstUpstream + 1) % this.settings.upstreams.length;
  }

  private fetchAll(addresses: string[]): void {
    for (const address of addresses) {
      if (this.fetching.has(address)) continue;
      const fetched = this.fetchOne(address).finally(() => this.fetching.delete(address));
      this.fetching.set(address, fetched);
    }
  }

  private async fetchOne(address: string): Promise<void> {
    const kept = mutable.test(address) ? undefined : await this.store.find(address);
    if (kept !== undefined && this.core.take(address, kept) === Take.taken) {
      this.counters.found += 1;
      return;
    }
    let reason = 'no upstream is known';
    let missing = 0;
    const { upstreams } = this.settings;
    for (let i = 0; i < upstreams.length; i += 1) {
      const upstream = upstreams[(this.firstUpstream + i) % upstreams.length] ?? '';
      try {
        await this.takeFrom(upstream, address);
        return;
      } catch (error) {
        missing += error instanceof Missing ? 1 : 0;
        reason = `${upstream}${address}: ${error instanceof Error ? error.message : String(error)}`;
        this.settings.log(reason);
      }
    }
    this.core.refuse(address, reason, missing === upstreams.length);
  }

  // Throws where the upstream has it not, or it is not what it should be.
  private async takeFrom(upstream: string, address: string): Promise<void> {
    const answer = await fetch(upstream + address, {
      headers: { accept: 'application/vnd.ashlar.capnp, application/octet-stream' },
      signal: AbortSignal.timeout(this.settings.fetchTimeoutMs),
    });
    if (answer.status === 404) throw new Missing('it is not there, or not public');
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const content = new Uint8Array(await answer.arrayBuffer());
    for (let attempt = 0; attempt < 64; attempt += 1) {
      const taken = this.core.take(address, content);
      if (taken === Take.notWanted) return;
      if (taken === Take.taken) {
        this.counters.fetched += 1;
        if (mutable.test(address)) {
          await this.store.keepState(this.core.trusted().state);
        } else {
          await this.store.keep(address, content);
        }
        return;
      }
      if (taken === Take.refused) {
        this.counters.refused += 1;
        throw new Error(`refused: ${this.core.outputText()}`);
      }
      // First what it needs to be checked: how the validators changed since.
      for (const needed of this.core.outputLines()) await this.takeFrom(upstream, needed);
    }
    throw new Error('it leads through too many changes of the validators');
  }
}
