import { type Bytes, bytes, random, utf8 } from "../der/bytes";
import { Refusal } from "../refusal";

/** PBKDF2 iterations for keys at rest in the browser. */
export const ITERATIONS = 600_000;

export interface WrappedKey {
  readonly salt: Bytes;
  readonly iv: Bytes;
  readonly iterations: number;
  /** PKCS#8 under AES-256-GCM, tag at the end. */
  readonly wrapped: Bytes;
}

/** What a wrapped key belongs to; it is bound to the ciphertext, so that no record can be passed off as another. */
export interface Binding {
  readonly order: string;
  readonly spkiSha256: string;
}

async function wrappingKey(password: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey("raw", utf8(password), "PBKDF2", false, ["deriveKey"]);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(derivation, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function additionalData(binding: Binding): Bytes {
  return utf8(`${binding.order}\n${binding.spkiSha256}`);
}

/** Encrypts `pkcs8` under the key password (PBKDF2-HMAC-SHA-256, AES-256-GCM). */
export async function wrapKey(pkcs8: Bytes, password: string, binding: Binding): Promise<WrappedKey> {
  const salt = random(16);
  const iv = random(12);
  const key = await wrappingKey(password, salt, ITERATIONS);
  const algorithm = { name: "AES-GCM", iv, additionalData: additionalData(binding) };
  return { salt, iv, iterations: ITERATIONS, wrapped: bytes(await crypto.subtle.encrypt(algorithm, key, pkcs8)) };
}

/** The PKCS#8 octets in clear. Refuses a wrong password (or a record that was changed, which cannot be told apart). */
export async function unwrapKey(record: WrappedKey, password: string, binding: Binding): Promise<Bytes> {
  if (password === "") throw new Refusal("error-password-missing");
  const key = await wrappingKey(password, record.salt, record.iterations);
  const algorithm = { name: "AES-GCM", iv: record.iv, additionalData: additionalData(binding) };
  try {
    return bytes(await crypto.subtle.decrypt(algorithm, key, record.wrapped));
  } catch {
    throw new Refusal("error-password-wrong");
  }
}
