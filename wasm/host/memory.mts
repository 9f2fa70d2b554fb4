// Memory outside of the heap, freed by hand: a collector comes only after tens of megabytes, which is
// much of what a platform gives.

interface Transferable2024 {
  transfer?(size: number): ArrayBuffer;
}

// Nothing may use the bytes, or others of the same buffer, from here on.
export function release(bytes: Uint8Array): void {
  (bytes.buffer as Transferable2024).transfer?.(0);
}
