import { AsnConvert } from "@peculiar/asn1-schema";
import { ECDSASigValue } from "@peculiar/asn1-ecc";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import { type Bytes, bytes, concat } from "../der/bytes";
import type { KeyKind } from "./algorithms";

const NULL = bytes([0x05, 0x00]).buffer;

// RFC 4055 wants NULL parameters with RSA, RFC 5758 none with ECDSA.
const SIGNATURES: Readonly<Record<string, AlgorithmIdentifier>> = {
  "RSASSA-PKCS1-v1_5/SHA-256": new AlgorithmIdentifier({ algorithm: "1.2.840.113549.1.1.11", parameters: NULL }),
  "ECDSA/SHA-256": new AlgorithmIdentifier({ algorithm: "1.2.840.10045.4.3.2" }),
  "ECDSA/SHA-384": new AlgorithmIdentifier({ algorithm: "1.2.840.10045.4.3.3" }),
};

/** The name under which X.509 and CMS know the signatures of such a key. */
export function signatureAlgorithm(kind: KeyKind): AlgorithmIdentifier {
  const identifier = SIGNATURES[`${kind.algorithm.name}/${kind.hash}`];
  if (!identifier) throw new Error("no signature algorithm for this key");
  return identifier;
}

/** Signature over `octets` as X.509 and CMS hold it. */
export async function signatureOver(octets: Bytes, key: CryptoKey, kind: KeyKind): Promise<Bytes> {
  const signature = bytes(await crypto.subtle.sign(kind.signing, key, octets));
  if (kind.algorithm.name !== "ECDSA") return signature;
  // WebCrypto gives r and s side by side; X.509 wants ECDSA-Sig-Value (RFC 3279, 2.2.3).
  const half = signature.length / 2;
  const value = new ECDSASigValue({ r: integer(signature.subarray(0, half)), s: integer(signature.subarray(half)) });
  return bytes(AsnConvert.serialize(value));
}

/** Contents of a DER INTEGER for an unsigned big-endian number (X.690, 8.3). */
function integer(unsigned: Uint8Array): ArrayBuffer {
  let start = 0;
  while (start < unsigned.length - 1 && unsigned[start] === 0) start++;
  const digits = unsigned.subarray(start);
  return ((digits[0] ?? 0) & 0x80 ? concat(bytes([0]), digits) : bytes(digits)).buffer;
}
