import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { utf8 } from "../src/der/bytes";
import { leadingZeroBits, prove } from "../src/work";

describe("proof of work", () => {
  it("counts zero bits across octets", () => {
    expect(leadingZeroBits(Uint8Array.from([0x80]))).toBe(0);
    expect(leadingZeroBits(Uint8Array.from([0x00, 0x1f]))).toBe(11);
    expect(leadingZeroBits(Uint8Array.from([0, 0]))).toBe(16);
  });

  it("finds the first nonce that fits, and reports its progress", async () => {
    const shares: number[] = [];
    const nonce = await prove("token", 14, (share) => shares.push(share));
    expect(leadingZeroBits(sha256(utf8(`token:${nonce}`)))).toBeGreaterThanOrEqual(14);
    expect(shares.every((share) => share >= 0 && share < 1)).toBe(true);
  });
});
