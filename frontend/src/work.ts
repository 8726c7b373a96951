import { sha256 } from "@noble/hashes/sha2.js";
import { pause } from "./pause";

const SLICE_MS = 40;

/** Number of zero bits at the start of `octets`. */
export function leadingZeroBits(octets: Uint8Array): number {
  let bits = 0;
  for (const octet of octets) {
    if (octet !== 0) return bits + Math.clz32(octet) - 24;
    bits += 8;
  }
  return bits;
}

/**
 * The first nonce, counted from 0, for which SHA-256(challenge + ":" + nonce) starts with `bits` zero bits. It stands in for the
 * picture digits. `progress` gets the share of the expected work, from 0 to 1. The page keeps answering meanwhile.
 */
export async function prove(challenge: string, bits: number, progress: (share: number) => void): Promise<string> {
  const encoder = new TextEncoder();
  const expected = 2 ** bits;
  let sliceEnd = performance.now() + SLICE_MS;
  for (let nonce = 0; ; nonce++) {
    if (leadingZeroBits(sha256(encoder.encode(`${challenge}:${nonce}`))) >= bits) return String(nonce);
    if (nonce % 256 === 0 && performance.now() > sliceEnd) {
      progress(Math.min(nonce / expected, 0.99));
      await pause();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
}
