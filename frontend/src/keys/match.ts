import { bytes, type Bytes, random } from "../der/bytes";
import { importPrivateKey, kindOfPrivateKey, publicKeyOf } from "./algorithms";
import { sha256Hex } from "./digest";
import { Refusal } from "../refusal";

/**
 * Whether the private key belongs to the certificate: it signs a random value and the certificate's key verifies. Comparing
 * exported public keys would fail in Firefox for EC keys that Java wrote without their public part.
 */
export async function keyMatchesCertificate(pkcs8: Bytes, certificate: Bytes): Promise<boolean> {
  const { spki, kind } = publicKeyOf(certificate);
  const privateKind = kindOfPrivateKey(pkcs8);
  if (JSON.stringify(privateKind.signing) !== JSON.stringify(kind.signing)) return false;
  const challenge = random(32);
  try {
    const signature = await crypto.subtle.sign(kind.signing, await importPrivateKey(pkcs8), challenge);
    const publicKey = await crypto.subtle.importKey("spki", spki, kind.algorithm, false, ["verify"]);
    return await crypto.subtle.verify(kind.signing, publicKey, signature, challenge);
  } catch {
    return false;
  }
}

/** Raises unless the private key belongs to the certificate. */
export async function requireMatch(pkcs8: Bytes, certificate: Bytes): Promise<void> {
  if (!(await keyMatchesCertificate(pkcs8, certificate))) throw new Refusal("error-key-mismatch");
}

/** SHA-256 over the SubjectPublicKeyInfo that belongs to a private key, hexadecimal. */
export async function spkiSha256OfPrivateKey(pkcs8: Bytes): Promise<string> {
  const kind = kindOfPrivateKey(pkcs8);
  try {
    const jwk = await crypto.subtle.exportKey("jwk", await importPrivateKey(pkcs8, true));
    const publicHalf = jwk.kty === "RSA" ? { kty: jwk.kty, n: jwk.n, e: jwk.e } : { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y };
    const publicKey = await crypto.subtle.importKey("jwk", publicHalf as JsonWebKey, kind.algorithm, true, ["verify"]);
    return await sha256Hex(bytes(await crypto.subtle.exportKey("spki", publicKey)));
  } catch {
    throw new Refusal("error-key-kind");
  }
}
