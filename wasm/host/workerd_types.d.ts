// What the hosts use of workerd beyond what browsers have, too (its own types clash with theirs).

declare module '*.wasm' {
  const compiled: WebAssembly.Module;
  export default compiled;
}

type SqlValue = string | number | null | ArrayBuffer;

interface SqlCursor<Row> extends Iterable<Row> {
  toArray(): Row[];
  one(): Row;
}

interface SqlStorage {
  exec<Row extends Record<string, SqlValue>>(
    query: string, ...bindings: (SqlValue | Uint8Array)[]): SqlCursor<Row>;
}

interface DurableObjectStorage {
  readonly sql: SqlStorage;
  transactionSync<Result>(run: () => Result): Result;
}

interface DurableObjectState {
  readonly storage: DurableObjectStorage;
}

interface DurableObjectNamespace {
  idFromName(name: string): object;
  get(id: object): { fetch(request: Request): Promise<Response> };
}

// A write ends when all of it has been read.
declare class IdentityTransformStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}
