import { sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { type Bytes, bytes, concat } from "../der/bytes";
import { pause } from "../pause";

/** What the derived octets are for (RFC 7292, B.3). */
export const PURPOSE = { key: 1, iv: 2, mac: 3 } as const;

export type Pkcs12Hash = "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";

interface HashFunction {
  (message: Uint8Array): Uint8Array;
  readonly blockLen: number;
}

const HASHES: Readonly<Record<Pkcs12Hash, HashFunction>> = { "SHA-1": sha1, "SHA-256": sha256, "SHA-384": sha384, "SHA-512": sha512 };
const SLICE_MS = 40;

export interface Derivation {
  readonly hash: Pkcs12Hash;
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** Password as BMPString with its two closing zero octets (RFC 7292, B.1). */
function bmpPassword(password: string): Bytes {
  const octets: number[] = [];
  for (let index = 0; index < password.length; index++) {
    const unit = password.charCodeAt(index);
    octets.push(unit >> 8, unit & 0xff);
  }
  return bytes([...octets, 0, 0]);
}

/** `source` again and again up to a whole number of blocks; nothing stays nothing. */
function fill(source: Uint8Array, block: number): Bytes {
  const filled = new Uint8Array(block * Math.ceil(source.length / block));
  for (let index = 0; index < filled.length; index++) filled[index] = source[index % source.length] ?? 0;
  return filled;
}

/** Each block of `mixture` becomes (block + B + 1) mod 2^(8v) (RFC 7292, B.2, step 6C). */
function addBlock(mixture: Uint8Array, addend: Uint8Array): void {
  for (let start = 0; start < mixture.length; start += addend.length) {
    let carry = 1;
    for (let index = addend.length - 1; index >= 0; index--) {
      carry += (mixture[start + index] ?? 0) + (addend[index] ?? 0);
      mixture[start + index] = carry & 0xff;
      carry >>= 8;
    }
  }
}

/**
 * `length` octets from a password (RFC 7292, B.2). WebCrypto has no such function. It hands the thread back every 40 ms, so the
 * page keeps answering and needs no worker, which Trusted Types would refuse.
 */
export async function derive(purpose: number, derivation: Derivation, length: number): Promise<Bytes> {
  const hash = HASHES[derivation.hash];
  const block = hash.blockLen;
  const diversifier = new Uint8Array(block).fill(purpose);
  const mixture = concat(fill(derivation.salt, block), fill(bmpPassword(derivation.password), block));
  let output: Bytes = bytes([]);
  while (output.length < length) {
    let digest = hash(concat(diversifier, mixture));
    let sliceEnd = performance.now() + SLICE_MS;
    for (let round = 1; round < derivation.iterations; round++) {
      digest = hash(digest);
      if (round % 1024 === 0 && performance.now() > sliceEnd) {
        await pause();
        sliceEnd = performance.now() + SLICE_MS;
      }
    }
    output = concat(output, digest);
    addBlock(mixture, fill(digest, block).subarray(0, block));
  }
  return output.slice(0, length);
}
