// What upstreams say unasked: one connection to one of them, which tells of every new header and of
// every change to what is held here. Where it breaks, or lies, the next upstream is subscribed to,
// and until then the newest is asked for as before.

// One connection; messages are whole and binary.
export interface Channel {
  send(message: Uint8Array): void;
  close(): void;
}
export interface ChannelListener {
  message(content: Uint8Array): void;
  closed(reason: string): void; // once, also after close()
}
// Opens a WebSocket; `url` begins with http:// or https://. Rejects where there is none to be had.
export type Connect = (url: string, listener: ChannelListener) => Promise<Channel>;

// For hosts with a WebSocket of their own: workerd, browsers, node from 22 on.
export const connectGlobally: Connect = (url, listener) => new Promise((resolve, reject) => {
  const socket = new WebSocket(url.replace(/^http/, 'ws'));
  socket.binaryType = 'arraybuffer';
  let isOpen = false;
  socket.addEventListener('open', () => {
    isOpen = true;
    resolve({ send: (message) => socket.send(message), close: () => socket.close() });
  });
  socket.addEventListener('message', (event: MessageEvent) => {
    if (event.data instanceof ArrayBuffer) listener.message(new Uint8Array(event.data));
    else socket.close();
  });
  const over = (reason: string): void => {
    if (isOpen) listener.closed(reason);
    else reject(new Error(reason));
    isOpen = false;
  };
  socket.addEventListener('error', () => over('the connection failed'));
  socket.addEventListener('close', (event: CloseEvent) => over(event.reason || 'closed'));
});

export interface SubscriptionSettings {
  upstreams: string[];
  connect: Connect;
  log(line: string): void;
  // What to be told of: everything that is held (all), or what is new since the last call. Empty
  // where there is nothing to say.
  hello(all: boolean): Uint8Array;
  // Rejects where the message is a lie, or makes no sense.
  hear(upstream: string, message: Uint8Array): Promise<void>;
  // What was told until now may have changed unseen from here on.
  lost(): void;
}

const syncPath = '/sync';
const retryMsMin = 200;
const retryMsMax = 10000;
// A validator says something at least this often, or it is gone.
const silenceMsMax = 60000;
const unheardBytesMax = 32 << 20;

export class Subscription {
  private channel: Channel | undefined;
  private at = 0;
  private retryMs = retryMsMin;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isStopped = true;
  private heard: Promise<void> = Promise.resolve();
  private unheardBytes = 0;

  constructor(private readonly settings: SubscriptionSettings) {}

  // The upstream that tells what is new, nothing where none does.
  get upstream(): string | undefined {
    return this.channel === undefined ? undefined : this.current;
  }

  start(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    void this.connect();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.channel?.close();
  }

  // More is held now than before.
  tellMore(): void {
    if (this.channel === undefined) return;
    const message = this.settings.hello(false);
    if (message.length > 0) this.channel.send(message);
  }

  private get current(): string {
    return this.settings.upstreams[this.at % this.settings.upstreams.length] ?? '';
  }

  private async connect(): Promise<void> {
    const upstream = this.current;
    let isOver = false;
    const over = (reason: string): void => {
      if (isOver) return;
      isOver = true;
      this.lost(upstream, reason);
    };
    try {
      const channel = await this.settings.connect(upstream + syncPath, {
        message: (content) => {
          if (!isOver) this.take(upstream, content, over);
        },
        closed: over,
      });
      if (this.isStopped || isOver) return channel.close();
      this.channel = channel;
      this.expectSoon(over);
      channel.send(this.settings.hello(true));
    } catch (error) {
      over(error instanceof Error ? error.message : String(error));
    }
  }

  // One after the other, in the order in which they were sent.
  private take(upstream: string, content: Uint8Array, over: (reason: string) => void): void {
    this.expectSoon(over);
    this.unheardBytes += content.length;
    if (this.unheardBytes > unheardBytesMax) return over('it says more than can be checked');
    this.heard = this.heard.then(async () => {
      this.unheardBytes -= content.length;
      try {
        await this.settings.hear(upstream, content);
        this.retryMs = retryMsMin;
      } catch (error) {
        over(error instanceof Error ? error.message : String(error));
      }
    });
  }

  private expectSoon(over: (reason: string) => void): void {
    clearTimeout(this.timer);
    if (!this.isStopped) this.timer = setTimeout(() => over('it says nothing'), silenceMsMax);
  }

  private lost(upstream: string, reason: string): void {
    const channel = this.channel;
    this.channel = undefined;
    clearTimeout(this.timer);
    this.settings.lost();
    channel?.close();
    if (this.isStopped) return;
    this.settings.log(`${upstream}${syncPath}: ${reason}`);
    this.at += 1;
    this.timer = setTimeout(() => void this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, retryMsMax);
  }
}
