// A WebSocket's client (RFC 6455) for node before 22, which has none: binary messages, no
// extensions.

import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';

import { Channel, ChannelListener, Connect } from './subscription.mjs';

const keySuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const connectTimeoutMs = 10000;
// A checkpoint is the largest message; see codec::kCheckpointBytesMax.
const messageBytesMax = 16 << 20;
const unsentBytesMax = 16 << 20;
const frameHeadBytesMax = 10;

enum Opcode { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 }

export const connectUnderNode: Connect = (url, listener) => new Promise((resolve, reject) => {
  const target = new URL(url);
  const key = randomBytes(16).toString('base64');
  const { request } = target.protocol === 'https:' ? https : http;
  const upgrade = request(target, { timeout: connectTimeoutMs, headers: {
    connection: 'Upgrade', upgrade: 'websocket',
    'sec-websocket-version': '13', 'sec-websocket-key': key } });
  upgrade.on('error', reject);
  upgrade.on('timeout', () => upgrade.destroy(new Error('no answer in time')));
  upgrade.on('response', (answer) => {
    answer.resume();
    upgrade.destroy();
    reject(new Error(`status ${answer.statusCode ?? 0} instead of a WebSocket`));
  });
  upgrade.on('upgrade', (answer, stream, first) => {
    const accepted = createHash('sha1').update(key + keySuffix).digest('base64');
    if (answer.headers['sec-websocket-accept'] !== accepted) {
      stream.destroy();
      return reject(new Error('it does not speak of WebSockets'));
    }
    if (stream instanceof Socket) stream.setTimeout(0).setNoDelay(true);
    resolve(new NodeChannel(stream, first, listener));
  });
  upgrade.end();
});

class NodeChannel implements Channel {
  private received: Buffer;
  private pieces: Buffer[] = []; // of a message in several frames
  private pieceBytes = 0;
  private isOver = false;

  constructor(
    private readonly stream: Duplex, first: Buffer, private readonly listener: ChannelListener,
  ) {
    this.received = first;
    stream.on('data', (piece: Buffer) => this.take(piece));
    stream.on('error', (error) => this.over(error.message));
    stream.on('close', () => this.over('the connection is closed'));
    if (first.length > 0) setImmediate(() => this.take(Buffer.alloc(0)));
  }

  send(message: Uint8Array): void {
    this.sendFrame(Opcode.binary, message);
  }

  close(): void {
    this.sendFrame(Opcode.close, new Uint8Array([0x03, 0xe8])); // 1000: as it should be
    this.over('closed here');
  }

  private over(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stream.end();
    this.stream.destroy();
    this.listener.closed(reason);
  }

  private take(piece: Buffer): void {
    if (this.isOver) return;
    this.received = this.received.length === 0 ? piece : Buffer.concat([this.received, piece]);
    while (!this.isOver && this.takeFrame());
  }

  // Whether there was a whole frame.
  private takeFrame(): boolean {
    const { received } = this;
    if (received.length < 2) return false;
    const [first, second] = [received.readUInt8(0), received.readUInt8(1)];
    let headBytes = 2;
    let length = second & 0x7f;
    if (length === 126 || length === 127) {
      headBytes = length === 126 ? 4 : frameHeadBytesMax;
      if (received.length < headBytes) return false;
      length = headBytes === 4 ? received.readUInt16BE(2) : Number(received.readBigUInt64BE(2));
    }
    if ((second & 0x80) !== 0 || (first & 0x70) !== 0) this.over('a frame that breaks the protocol');
    if (length + this.pieceBytes > messageBytesMax) this.over('a message that is too large');
    if (this.isOver || received.length < headBytes + length) return false;
    const content = received.subarray(headBytes, headBytes + length);
    this.received = received.subarray(headBytes + length);
    this.takeContent(first & 0x0f, (first & 0x80) !== 0, content);
    return true;
  }

  private takeContent(opcode: Opcode, isLast: boolean, content: Buffer): void {
    if (opcode === Opcode.ping) return this.sendFrame(Opcode.pong, content);
    if (opcode === Opcode.pong) return;
    if (opcode === Opcode.close) {
      const reason = content.subarray(2).toString();
      return this.over(reason === '' ? 'closed there' : `closed there: ${reason}`);
    }
    const isBegun = this.pieces.length > 0;
    if (opcode !== (isBegun ? Opcode.more : Opcode.binary)) return this.over('no binary message');
    this.pieces.push(content);
    this.pieceBytes += content.length;
    if (!isLast) return;
    const message = this.pieces.length === 1 ? content : Buffer.concat(this.pieces);
    this.pieces = [];
    this.pieceBytes = 0;
    this.listener.message(message);
  }

  private sendFrame(opcode: Opcode, content: Uint8Array): void {
    if (this.isOver) return;
    if (this.stream.writableLength > unsentBytesMax) return this.over('it takes nothing');
    const head = Buffer.alloc(frameHeadBytesMax);
    let headBytes = 2;
    head.writeUInt8(0x80 | opcode, 0);
    if (content.length < 126) {
      head.writeUInt8(0x80 | content.length, 1);
    } else if (content.length < 65536) {
      head.writeUInt8(0x80 | 126, 1);
      head.writeUInt16BE(content.length, 2);
      headBytes = 4;
    } else {
      head.writeUInt8(0x80 | 127, 1);
      head.writeBigUInt64BE(BigInt(content.length), 2);
      headBytes = frameHeadBytesMax;
    }
    const mask = randomBytes(4);
    const masked = Buffer.from(content);
    for (let i = 0; i < masked.length; i += 1) masked[i] = (masked[i] ?? 0) ^ (mask[i & 3] ?? 0);
    this.stream.write(Buffer.concat([head.subarray(0, headBytes), mask, masked]));
  }
}
