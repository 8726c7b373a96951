import { describe, expect, it } from "vitest";
import { bytes, hex } from "../src/der/bytes";
import { generateKey } from "../src/keys/generate";
import { derive, PURPOSE } from "../src/pbe/pkcs12kdf";
import { checkIterations } from "../src/pbe/limits";
import * as tripledes from "../src/pbe/tripledes";
import { LARGEST_FILE, readPkcs12 } from "../src/pkcs12/read";
import { FORMS, writePkcs12 } from "../src/pkcs12/write";

const PASSWORD = "correct horse battery";
// A SEQUENCE stands in for the certificates: the container does not look into them (programs that do are in tests/interop).
const LEAF = bytes([0x30, 0x03, 0x02, 0x01, 0x01]);
const ISSUER = bytes([0x30, 0x03, 0x02, 0x01, 0x02]);

describe("derive", () => {
  // Vectors that are passed around since PKCS#12 1.0 (Bouncy Castle, mbed TLS and others test with them).
  it.each([
    [PURPOSE.key, "smeg", "0a58cf64530d823f", 1, 24, "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3"],
    [PURPOSE.iv, "smeg", "0a58cf64530d823f", 1, 8, "79993dfe048d3b76"],
    [PURPOSE.mac, "smeg", "3d83c0e4546ac140", 1, 20, "8d967d88f6caa9d714800ab3d48051d63f73a312"],
    [PURPOSE.key, "queeg", "05dec959acff72f7", 1000, 24, "ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4"],
  ])("purpose %i, %s", async (purpose, password, salt, iterations, length, expected) => {
    const octets = bytes((salt.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
    expect(hex(await derive(purpose, { hash: "SHA-1", password, salt: octets, iterations }, length))).toBe(expected);
  });
});

describe("triple DES", () => {
  it("undoes itself for every length of padding, and sees wrong padding", () => {
    const key = bytes(Array.from({ length: 24 }, (_, index) => index * 7));
    const iv = bytes([1, 2, 3, 4, 5, 6, 7, 8]);
    for (let length = 0; length <= 16; length++) {
      const plain = bytes(new Uint8Array(length).fill(length));
      expect(tripledes.decrypt(key, iv, tripledes.encrypt(key, iv, plain))).toEqual(plain);
    }
    const secret = tripledes.encrypt(key, iv, bytes([1, 2, 3]));
    secret[7] = (secret[7] ?? 0) ^ 1;
    expect(() => tripledes.decrypt(key, iv, secret)).toThrow();
    expect(() => tripledes.decrypt(key, iv, bytes([1, 2, 3]))).toThrow();
  });
});

describe("PKCS#12", () => {
  it.each(["modern", "compatible"] as const)("%s: key and certificates come back", async (form) => {
    const { pkcs8 } = await generateKey("p256");
    const backup = { pkcs8, leaf: LEAF, chain: [ISSUER], friendlyName: "王小明" };
    const file = await writePkcs12(backup, PASSWORD, FORMS[form]);
    const opened = await readPkcs12(file, PASSWORD);
    expect(opened.keys).toEqual([pkcs8]);
    expect(opened.certificates).toEqual([LEAF, ISSUER]);
    await expect(readPkcs12(file, "another password")).rejects.toThrow("error-file-password");
  });

  it("refuses what is too large or no PKCS#12, without trying a password", async () => {
    await expect(readPkcs12(new Uint8Array(LARGEST_FILE + 1), PASSWORD)).rejects.toThrow("error-file-large");
    await expect(readPkcs12(bytes([0x30, 0x03, 0x02, 0x01, 0x03]), PASSWORD)).rejects.toThrow("error-file-format");
    await expect(readPkcs12(bytes([]), PASSWORD)).rejects.toThrow("error-file-format");
  });

  it("never raises anything but refusals for damaged files", async () => {
    const { pkcs8 } = await generateKey("p256");
    // One iteration would be too quick to notice a fault in the loop; few make 300 files quick enough.
    const form = { ...FORMS.compatible, iterations: 1 };
    const file = await writePkcs12({ pkcs8, leaf: LEAF, chain: [], friendlyName: "x" }, PASSWORD, form);
    for (let index = 0; index < file.length; index += 7) {
      const damaged = bytes(file);
      damaged[index] = (damaged[index] ?? 0) ^ 0x55;
      await readPkcs12(damaged, PASSWORD).then(
        () => undefined,
        (error: Error) => expect(error.message).toMatch(/^error-file-/),
      );
    }
  });

  it("makes guessing passwords as slow as the programs that read the files allow", () => {
    expect([FORMS.modern.iterations, FORMS.compatible.iterations]).toEqual([250_000, 50_000]);
  });

  it("refuses iteration counts that are none or that would block the page", () => {
    expect(() => checkIterations(0)).toThrow("error-file-format");
    expect(() => checkIterations(5_000_001)).toThrow("error-file-iterations");
    expect(checkIterations(5_000_000)).toBe(5_000_000);
  });
});
