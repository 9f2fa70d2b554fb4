// The core's C interface (../module/core.h), as one class. Bytes are copied in and out: views of the
// module's memory end when it grows.

export enum Step { needs, head, body, end, passOn, failed }
export enum Take { taken, notYet, refused, notWanted }

export interface RequestHead {
  method: string;
  path: string; // percent-encoded, without the query
  query: string;
  headers: [name: string, value: string][]; // names in lower case
}

export interface ResponseHead {
  status: number;
  headers: [name: string, value: string][];
}

interface Module {
  HEAPU8: Uint8Array;
  [name: `_ashlar_${string}`]: (...parameters: number[]) => number;
}
type Factory = (settings: object) => Promise<Module>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Core {
  private constructor(private readonly module: Module, private readonly core: number) {}

  // The factory is core.mjs' default export. Throws where genesis or state make no sense.
  static async begin(
    factory: Factory, compiled: WebAssembly.Module, genesis: Uint8Array, state?: Uint8Array,
  ): Promise<Core> {
    const module = await factory({
      instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
        void WebAssembly.instantiate(compiled, imports).then(done);
        return {};
      },
    });
    const kept = state ?? new Uint8Array();
    const core = withBytes(module, [genesis, kept], (places) =>
      call(module, 'begin', ...places));
    if (core === 0) throw new Error('the genesis, or the state that was kept, makes no sense');
    return new Core(module, core);
  }

  answers(head: RequestHead): boolean {
    return this.with([encodeRequest(head)], (places) => this.call('answers', ...places)) === 1;
  }

  start(head: RequestHead, body: Uint8Array): Exchange {
    const exchange =
      this.with([encodeRequest(head, body)], (places) => this.call('start', ...places));
    return new Exchange(this, this.module, exchange);
  }

  take(address: string, answer: Uint8Array): Take {
    return this.with([encoder.encode(address), answer], (places) => this.call('take', ...places));
  }

  // `missing`: every upstream says that there is no such thing.
  refuse(address: string, reason: string, missing: boolean): void {
    this.with([encoder.encode(address), encoder.encode(reason)],
      (places) => this.call('refuse', ...places, missing ? 1 : 0));
  }

  // The newest state is to be asked for, unless an upstream tells unasked what changes and what is
  // proven is not from before that time.
  refresh(path: string, olderThanMs: number): void {
    this.with([encoder.encode(path)], (places) => this.call('refresh', ...places, olderThanMs));
  }

  // How many bytes an answer may have; 0 where nobody wants it.
  bytesMax(address: string): number {
    return this.with([encoder.encode(address)], (places) => this.call('bytes_max', ...places));
  }

  // A message for whoever tells what is new; empty where there is nothing to say. All that is held,
  // for a new connection, or what is new since the last call.
  hello(all: boolean): Uint8Array {
    this.call('hello', all ? 1 : 0);
    return this.output();
  }

  // What was told unasked. Taken: the output is the paths of the repositories that it changed.
  hear(message: Uint8Array): Take {
    return this.with([message], (places) => this.call('hear', ...places));
  }

  // Nobody tells what is new any more.
  unsubscribed(): void {
    this.call('unsubscribed');
  }

  // What is worth keeping beside what was fetched: under this address, until it is given again.
  takeKept(): { address: string; content: Uint8Array } | undefined {
    if (this.call('kept_address') === 0) return undefined;
    const address = this.outputText();
    this.call('kept_content');
    return { address, content: this.output() };
  }

  // The newest header that was proven, and the repositories that are held: "owner/name", the height
  // and time of what is proven of each.
  newest(): { height: number; timeMs: number } {
    const timeMs = this.call('newest_time');
    return { height: this.call('newest_height'), timeMs };
  }

  held(): { name: string; height: number; timeMs: number }[] {
    this.call('held');
    return this.outputLines().map((line) => {
      const [name, height, timeMs] = line.split(' ');
      return { name: name ?? '', height: Number(height), timeMs: Number(timeMs) };
    });
  }

  forget(path: string): void {
    this.with([encoder.encode(path)], (places) => this.call('forget', ...places));
  }

  trusted(): { height: number; state: Uint8Array } {
    const height = this.call('trusted');
    return { height, state: this.output() };
  }

  network(): string {
    this.call('network');
    return this.outputText();
  }

  genesis(): unknown {
    this.call('genesis');
    return JSON.parse(this.outputText());
  }

  // What the module took from its host; it never gives any back.
  get memoryBytes(): number {
    return this.module.HEAPU8.length;
  }

  // What the last call gave beside its number.
  output(): Uint8Array {
    const begin = call(this.module, 'output', this.core);
    return this.module.HEAPU8.slice(begin, begin + call(this.module, 'output_size', this.core));
  }

  outputText(): string {
    return decoder.decode(this.output());
  }

  outputLines(): string[] {
    return this.outputText().split('\n').filter((line) => line !== '');
  }

  private call(name: string, ...parameters: number[]): number {
    return call(this.module, name, this.core, ...parameters);
  }

  private with(bytes: Uint8Array[], use: (places: number[]) => number): number {
    return withBytes(this.module, bytes, use);
  }
}

// One request on its way; to be finished whatever became of it.
export class Exchange {
  constructor(
    private readonly core: Core, private readonly module: Module, private readonly exchange: number,
  ) {}

  step(): Step {
    return call(this.module, 'step', this.exchange);
  }

  head(): ResponseHead {
    const [status, ...lines] = this.core.outputText().split('\n');
    return {
      status: Number(status),
      headers: lines.filter((line) => line !== '').map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    };
  }

  finish(): void {
    call(this.module, 'finish', this.exchange);
  }
}

function call(module: Module, name: string, ...parameters: number[]): number {
  const method = module[`_ashlar_${name}`];
  if (method === undefined) throw new Error(`the module has no ashlar_${name}`);
  return method(...parameters);
}

// Place and size of each, for the time of one call.
function withBytes(
  module: Module, bytes: Uint8Array[], use: (places: number[]) => number,
): number {
  const places: number[] = [];
  try {
    for (const one of bytes) {
      const place = call(module, 'allocate', one.length);
      if (place === 0) throw new Error('the module has no memory left');
      module.HEAPU8.set(one, place);
      places.push(place, one.length);
    }
    return use(places);
  } finally {
    for (let i = 0; i < places.length; i += 2) call(module, 'release', places[i] ?? 0);
  }
}

function encodeRequest(head: RequestHead, body = new Uint8Array()): Uint8Array {
  const lines = [head.method, head.path, head.query,
    ...head.headers.map(([name, value]) => `${name}: ${value}`)];
  if (lines.some((line) => /[\r\n]/.test(line))) throw new Error('a line feed in a request head');
  const text = encoder.encode(`${lines.join('\n')}\n\n`);
  const request = new Uint8Array(text.length + body.length);
  request.set(text);
  request.set(body, text.length);
  return request;
}
