// What a stranger sends is held only as far as it may be long.

export async function readWhole(answer: Response, bytesMax: number): Promise<Uint8Array> {
  const length = Number(answer.headers.get('content-length') ?? NaN);
  const tooLarge = `it is larger than ${bytesMax} bytes`;
  if (length > bytesMax) {
    await answer.body?.cancel();
    throw new Error(tooLarge);
  }
  if (answer.body === null) return new Uint8Array();
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > bytesMax) {
      await reader.cancel();
      throw new Error(tooLarge);
    }
    pieces.push(value);
  }
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(size);
  let end = 0;
  for (const piece of pieces) {
    whole.set(piece, end);
    end += piece.length;
  }
  return whole;
}

const genesisBytesMax = 1 << 20;
const genesisTimeoutMs = 10000;
const capnp = 'application/vnd.ashlar.capnp';

// A network's genesis as an upstream shows it; nothing where none of them does.
export async function fetchGenesis(upstreams: string[]): Promise<Uint8Array | undefined> {
  for (const upstream of upstreams) {
    try {
      const answer = await fetch(`${upstream}/api/ashlar/v1/genesis`,
        { headers: { accept: capnp }, signal: AbortSignal.timeout(genesisTimeoutMs) });
      if (answer.ok && answer.headers.get('content-type') === capnp) {
        return await readWhole(answer, genesisBytesMax);
      }
      await answer.body?.cancel();
    } catch {
      // The next one is asked.
    }
  }
  return undefined;
}
