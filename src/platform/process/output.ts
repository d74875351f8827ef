/** Gathers a stream up to a limit; what comes later is dropped. */
export interface Output {
  readonly add: (bytes: Uint8Array) => void;
  text(): string;
}

export function createOutput(limitBytes: number): Output {
  const chunks: Uint8Array[] = [];
  let left = limitBytes;
  return {
    add(bytes) {
      if (left <= 0) return;
      const part = bytes.subarray(0, left);
      left -= part.length;
      chunks.push(part);
    },
    text: () => Buffer.concat(chunks).toString("utf8"),
  };
}
