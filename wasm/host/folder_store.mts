// What was checked, in a folder: a file for each address. What was used least goes when all of it is
// more than was granted, or when the disk is full.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { Store } from './edge.mjs';

// That a file was used is written down at most this often, for a restart.
const noteUseMs = 60000;
// Where the disk is full, so much of what is kept goes for what comes.
const roomForOne = 2;

interface Kept {
  size: number;
  notedMs: number;
}

export class FolderStore implements Store {
  // By name, the least recently used first.
  private readonly kept = new Map<string, Kept>();
  private bytes = 0;
  private written = 0;
  evicted = 0;

  private constructor(private readonly folder: string, private readonly bytesMax: number) {}

  static async open(folder: string, bytesMax: number): Promise<FolderStore> {
    const store = new FolderStore(folder, bytesMax);
    await mkdir(store.contents, { recursive: true });
    await store.look();
    await store.evictDownTo(bytesMax);
    return store;
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  async find(address: string): Promise<Uint8Array | undefined> {
    const name = nameOf(address);
    const kept = this.kept.get(name);
    if (kept === undefined) return undefined;
    this.kept.delete(name);
    this.kept.set(name, kept);
    const now = Date.now();
    if (now - kept.notedMs > noteUseMs) {
      kept.notedMs = now;
      await utimes(this.place(name), now / 1000, now / 1000).catch(() => undefined);
    }
    return readFile(this.place(name)).catch(() => undefined);
  }

  async keep(address: string, content: Uint8Array): Promise<void> {
    if (content.length > this.bytesMax) return;
    const name = nameOf(address);
    const place = this.place(name);
    await this.evictDownTo(this.bytesMax - content.length);
    try {
      await mkdir(path.dirname(place), { recursive: true });
      await this.write(place, content);
    } catch (error) {
      await this.evictDownTo(this.bytes - roomForOne * content.length);
      throw error;
    }
    this.note(name, { size: content.length, notedMs: Date.now() });
  }

  async keepState(state: Uint8Array): Promise<void> {
    await this.write(path.join(this.folder, 'state'), state);
  }

  async findState(): Promise<Uint8Array | undefined> {
    return readFile(path.join(this.folder, 'state')).catch(() => undefined);
  }

  private get contents(): string {
    return path.join(this.folder, 'content');
  }

  private place(name: string): string {
    return path.join(this.contents, name.slice(0, 2), name);
  }

  // What an earlier run left, by when it was used last; what it did not finish goes.
  private async look(): Promise<void> {
    const found: [name: string, kept: Kept][] = [];
    for (const part of await readdir(this.contents)) {
      const folder = path.join(this.contents, part);
      for (const name of await readdir(folder).catch(() => [])) {
        const place = path.join(folder, name);
        if (name.endsWith('.new')) {
          await rm(place, { force: true });
          continue;
        }
        const { size, mtimeMs } = await stat(place);
        found.push([name, { size, notedMs: mtimeMs }]);
      }
    }
    found.sort(([, left], [, right]) => left.notedMs - right.notedMs);
    for (const [name, kept] of found) this.note(name, kept);
  }

  private note(name: string, kept: Kept): void {
    this.bytes += kept.size - (this.kept.get(name)?.size ?? 0);
    this.kept.delete(name);
    this.kept.set(name, kept);
  }

  private async evictDownTo(bytesMax: number): Promise<void> {
    while (this.bytes > Math.max(0, bytesMax)) {
      const [least] = this.kept;
      if (least === undefined) return;
      const [name, { size }] = least;
      this.kept.delete(name);
      this.bytes -= size;
      this.evicted += 1;
      await rm(this.place(name), { force: true });
    }
  }

  // Whole or not at all. What is lost is fetched again.
  private async write(place: string, content: Uint8Array): Promise<void> {
    this.written += 1;
    const unfinished = `${place}.${process.pid}-${this.written}.new`;
    try {
      await writeFile(unfinished, content);
      await rename(unfinished, place);
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined);
      throw error;
    }
  }
}

function nameOf(address: string): string {
  return createHash('sha256').update(address).digest('hex');
}
