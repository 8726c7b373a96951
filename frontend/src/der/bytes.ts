/** Octets in a buffer of their own, as WebCrypto wants them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** The octets of `source`, copied, so that clearing one does not touch the other. */
export function bytes(source: ArrayBuffer | ArrayBufferView | ArrayLike<number>): Bytes {
  if (source instanceof ArrayBuffer) return new Uint8Array(source.slice(0));
  if (ArrayBuffer.isView(source)) {
    const view = new Uint8Array(source.byteLength);
    view.set(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
    return view;
  }
  return Uint8Array.from(source);
}

/** One after the other. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Whether both hold the same octets. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}

/** Lower-case hexadecimal. */
export function hex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** `text` as UTF-8. */
export function utf8(text: string): Bytes {
  return bytes(new TextEncoder().encode(text));
}

/** Fresh random octets. */
export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}
