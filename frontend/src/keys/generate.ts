import { bytes, type Bytes } from "../der/bytes";
import { sha256Hex } from "./digest";
import { Refusal } from "../refusal";
import { KEY_KINDS } from "./algorithms";
import { certificationRequest } from "./csr";

export interface NewKey {
  /** PrivateKeyInfo in clear (RFC 5958): whoever holds it wraps it at once and clears it. */
  readonly pkcs8: Bytes;
  /** CertificationRequest as DER (RFC 2986). */
  readonly csr: Bytes;
  /** SHA-256 over SubjectPublicKeyInfo, hexadecimal. */
  readonly spkiSha256: string;
}

/** Makes a key of one of KEY_KINDS and signs its certification request. Refuses when the browser cannot. */
export async function generateKey(keyType: string): Promise<NewKey> {
  const kind = KEY_KINDS[keyType];
  if (!kind) throw new Refusal("error-generate");
  let pair: CryptoKeyPair;
  try {
    pair = await crypto.subtle.generateKey(kind.algorithm, true, ["sign", "verify"]);
  } catch {
    throw new Refusal("error-generate");
  }
  const spki = bytes(await crypto.subtle.exportKey("spki", pair.publicKey));
  return {
    pkcs8: bytes(await crypto.subtle.exportKey("pkcs8", pair.privateKey)),
    csr: await certificationRequest(pair.privateKey, kind, spki),
    spkiSha256: await sha256Hex(spki),
  };
}
