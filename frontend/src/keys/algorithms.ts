import { AsnConvert } from "@peculiar/asn1-schema";
import { PrivateKeyInfo } from "@peculiar/asn1-pkcs8";
import { type AlgorithmIdentifier, Certificate } from "@peculiar/asn1-x509";
import { type Bytes, bytes } from "../der/bytes";
import { Refusal } from "../refusal";

type Curve = "P-256" | "P-384" | "P-521";
type Hash = "SHA-256" | "SHA-384" | "SHA-512";

export interface KeyKind {
  /** Algorithm for generateKey and importKey. */
  readonly algorithm: RsaHashedKeyGenParams | EcKeyGenParams;
  /** Algorithm for sign and verify. */
  readonly signing: Algorithm | EcdsaParams;
  readonly hash: Hash;
}

function rsa(modulusLength: number): KeyKind {
  return {
    algorithm: { name: "RSASSA-PKCS1-v1_5", modulusLength, publicExponent: bytes([1, 0, 1]), hash: "SHA-256" },
    signing: { name: "RSASSA-PKCS1-v1_5" },
    hash: "SHA-256",
  };
}

function ec(namedCurve: Curve, hash: Hash): KeyKind {
  return { algorithm: { name: "ECDSA", namedCurve }, signing: { name: "ECDSA", hash } as EcdsaParams, hash };
}

const ANY_RSA = rsa(2048);
const P521 = ec("P-521", "SHA-512");

/** The key types on offer, under the names that the server uses for them. */
export const KEY_KINDS: Readonly<Record<string, KeyKind>> = {
  rsa2048: ANY_RSA,
  rsa3072: rsa(3072),
  rsa4096: rsa(4096),
  p256: ec("P-256", "SHA-256"),
  p384: ec("P-384", "SHA-384"),
};

const ID_RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
const ID_EC_PUBLIC_KEY = "1.2.840.10045.2.1";
const CURVES: Readonly<Record<string, KeyKind | undefined>> = {
  "1.2.840.10045.3.1.7": KEY_KINDS["p256"],
  "1.3.132.0.34": KEY_KINDS["p384"],
  "1.3.132.0.35": P521,
};

/** Kind of the key that `identifier` announces (RFC 3279, 2.3; RFC 5480, 2.1.1). Refuses others. */
function kindOf(identifier: AlgorithmIdentifier): KeyKind {
  if (identifier.algorithm === ID_RSA_ENCRYPTION) return ANY_RSA;
  if (identifier.algorithm === ID_EC_PUBLIC_KEY && identifier.parameters) {
    const parameters = new Uint8Array(identifier.parameters);
    // namedCurve is an OBJECT IDENTIFIER; explicit curve parameters are not allowed.
    const curve = parameters[0] === 0x06 ? objectIdentifier(parameters) : "";
    const kind = CURVES[curve];
    if (kind) return kind;
  }
  throw new Refusal("error-key-kind");
}

/** Dotted form of a short DER OBJECT IDENTIFIER. */
function objectIdentifier(der: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of der.subarray(2)) {
    arc = arc * 128 + (octet & 0x7f);
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const first = arcs.shift() ?? 0;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...arcs].join(".");
}

/** Kind of the key in PKCS#8 `PrivateKeyInfo` octets (RFC 5958). */
export function kindOfPrivateKey(pkcs8: Bytes): KeyKind {
  return kindOf(AsnConvert.parse(pkcs8, PrivateKeyInfo).privateKeyAlgorithm);
}

/** SubjectPublicKeyInfo of a certificate and the kind of its key (RFC 5280, 4.1). */
export function publicKeyOf(certificate: Bytes): { spki: Bytes; kind: KeyKind } {
  const info = AsnConvert.parse(certificate, Certificate).tbsCertificate.subjectPublicKeyInfo;
  return { spki: bytes(AsnConvert.serialize(info)), kind: kindOf(info.algorithm) };
}

/** The private key, for signing only. `extractable` only where its public half must be read out. */
export function importPrivateKey(pkcs8: Bytes, extractable = false): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", pkcs8, kindOfPrivateKey(pkcs8).algorithm, extractable, ["sign"]);
}
