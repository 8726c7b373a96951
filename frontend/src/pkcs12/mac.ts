import { type Bytes, bytes } from "../der/bytes";
import { type Derivation, derive, type Pkcs12Hash, PURPOSE } from "../pbe/pkcs12kdf";

const LENGTHS: Readonly<Record<Pkcs12Hash, number>> = { "SHA-1": 20, "SHA-256": 32, "SHA-384": 48, "SHA-512": 64 };

/** HMAC over the contents of authSafe under a key from the password (RFC 7292, 4 and B.4). */
export async function mac(safe: Bytes, derivation: Derivation): Promise<Bytes> {
  const octets = await derive(PURPOSE.mac, derivation, LENGTHS[derivation.hash]);
  const algorithm = { name: "HMAC", hash: derivation.hash };
  const key = await crypto.subtle.importKey("raw", octets, algorithm, false, ["sign"]);
  return bytes(await crypto.subtle.sign("HMAC", key, safe));
}
