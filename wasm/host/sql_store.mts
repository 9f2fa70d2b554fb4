// What was checked, in the SQLite database of a Durable Object: rows stay below the platform's bound,
// and what was used least goes when all of it is more than was granted.

import { Store } from './edge.mjs';
import { release } from './memory.mjs';

// The platform's bound of a row is 2 MB.
const pieceBytes = 1_900_000;
const evictedAtOnce = 16;

const schema = [
  'CREATE TABLE IF NOT EXISTS named (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID',
  `CREATE TABLE IF NOT EXISTS content (id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE,
     size INTEGER NOT NULL, used INTEGER NOT NULL)`,
  'CREATE INDEX IF NOT EXISTS content_by_use ON content (used)',
  `CREATE TABLE IF NOT EXISTS piece (content INTEGER NOT NULL, number INTEGER NOT NULL,
     bytes BLOB NOT NULL, PRIMARY KEY (content, number)) WITHOUT ROWID`,
];

export class SqlStore implements Store {
  private readonly sql: SqlStorage;
  private size = 0;
  private count = 0;
  private uses = 0; // grows by one with each use that is written down
  evicted = 0;

  constructor(
    private readonly storage: DurableObjectStorage, private readonly bytesMax: number,
    private readonly log: (line: string) => void,
  ) {
    this.sql = storage.sql;
    for (const statement of schema) this.sql.exec(statement);
    this.addUp();
  }

  get sizeBytes(): number {
    return this.size;
  }

  // What it gives is to be read at once: the next task frees its memory.
  async find(address: string): Promise<Uint8Array | undefined> {
    const content = this.read(address);
    if (content !== undefined) setTimeout(() => release(content), 0);
    return content;
  }

  private read(address: string): Uint8Array | undefined {
    const [row] = this.sql.exec<{ id: number; size: number; used: number }>(
      'SELECT id, size, used FROM content WHERE address = ?', address).toArray();
    if (row === undefined) return undefined;
    // That what is used often is used again need not be written down: a write costs more than a read.
    if (this.uses - row.used > this.count / 4) {
      this.uses += 1;
      this.sql.exec('UPDATE content SET used = ? WHERE id = ?', this.uses, row.id);
    }
    const pieces = this.sql.exec<{ bytes: ArrayBuffer }>(
      'SELECT bytes FROM piece WHERE content = ? ORDER BY number', row.id).toArray();
    const [first] = pieces;
    if (pieces.length === 1 && first !== undefined) return new Uint8Array(first.bytes);
    const content = new Uint8Array(row.size);
    let end = 0;
    for (const { bytes } of pieces) {
      content.set(new Uint8Array(bytes), end);
      end += bytes.byteLength;
    }
    return content;
  }

  // What cannot be kept is fetched again: a full disk ends nothing.
  async keep(address: string, content: Uint8Array): Promise<void> {
    if (content.length > this.bytesMax) return;
    try {
      this.storage.transactionSync(() => this.insert(address, content));
    } catch (error) {
      this.log(`cannot keep ${address}: ${error instanceof Error ? error.message : String(error)}`);
      this.addUp();
      this.evictDownTo(this.size - content.length);
      return;
    }
    this.evictDownTo(this.bytesMax);
  }

  async keepState(state: Uint8Array): Promise<void> {
    this.set('state', state);
  }

  get(name: string): Uint8Array | undefined {
    const [row] = this.sql.exec<{ value: ArrayBuffer }>(
      'SELECT value FROM named WHERE name = ?', name).toArray();
    return row === undefined ? undefined : new Uint8Array(row.value);
  }

  set(name: string, value: Uint8Array): void {
    this.sql.exec('INSERT OR REPLACE INTO named (name, value) VALUES (?, ?)', name, value);
  }

  private addUp(): void {
    const all = this.sql.exec<{ size: number; count: number; uses: number }>(
      `SELECT coalesce(sum(size), 0) AS size, count(*) AS count, coalesce(max(used), 0) AS uses
       FROM content`).one();
    this.size = all.size;
    this.count = all.count;
    this.uses = all.uses;
  }

  private insert(address: string, content: Uint8Array): void {
    const [old] = this.sql.exec<{ id: number; size: number }>(
      'SELECT id, size FROM content WHERE address = ?', address).toArray();
    if (old !== undefined) this.remove(old.id, old.size);
    const { id } = this.sql.exec<{ id: number }>(
      'INSERT INTO content (address, size, used) VALUES (?, ?, ?) RETURNING id',
      address, content.length, this.uses + 1).one();
    for (let begin = 0, number = 0; begin === 0 || begin < content.length; number += 1) {
      this.sql.exec('INSERT INTO piece (content, number, bytes) VALUES (?, ?, ?)',
        id, number, content.subarray(begin, begin + pieceBytes));
      begin += pieceBytes;
    }
    this.uses += 1;
    this.size += content.length;
    this.count += 1;
  }

  private remove(id: number, size: number): void {
    this.sql.exec('DELETE FROM piece WHERE content = ?', id);
    this.sql.exec('DELETE FROM content WHERE id = ?', id);
    this.size -= size;
    this.count -= 1;
  }

  private evictDownTo(bytesMax: number): void {
    while (this.size > bytesMax) {
      const least = this.sql.exec<{ id: number; size: number }>(
        'SELECT id, size FROM content ORDER BY used LIMIT ?', evictedAtOnce).toArray();
      if (least.length === 0) return;
      this.storage.transactionSync(() => {
        for (const { id, size } of least) {
          if (this.size <= bytesMax) return;
          this.remove(id, size);
          this.evicted += 1;
        }
      });
    }
  }
}
