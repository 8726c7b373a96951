import { AsnConvert } from "@peculiar/asn1-schema";
import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { ECDSASigValue } from "@peculiar/asn1-ecc";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Name,
  RelativeDistinguishedName,
  SubjectPublicKeyInfo,
} from "@peculiar/asn1-x509";
import { type Bytes, bytes, concat } from "../der/bytes";
import type { KeyKind } from "./algorithms";

const ID_COMMON_NAME = "2.5.4.3";
const NULL = bytes([0x05, 0x00]).buffer;

// RFC 4055 wants NULL parameters with RSA, RFC 5758 none with ECDSA.
const SIGNATURES: Readonly<Record<string, AlgorithmIdentifier>> = {
  "RSASSA-PKCS1-v1_5/SHA-256": new AlgorithmIdentifier({ algorithm: "1.2.840.113549.1.1.11", parameters: NULL }),
  "ECDSA/SHA-256": new AlgorithmIdentifier({ algorithm: "1.2.840.10045.4.3.2" }),
  "ECDSA/SHA-384": new AlgorithmIdentifier({ algorithm: "1.2.840.10045.4.3.3" }),
};

/**
 * CertificationRequest (RFC 2986) for `spki`, as DER. It proves possession of the key and nothing else: the server takes the
 * names from the registration, so the subject here says nothing about the person.
 */
export async function certificationRequest(key: CryptoKey, kind: KeyKind, spki: Bytes): Promise<Bytes> {
  const signatureAlgorithm = SIGNATURES[`${kind.algorithm.name}/${kind.hash}`];
  if (!signatureAlgorithm) throw new Error("no signature algorithm for this key");
  const commonName = new AttributeTypeAndValue({
    type: ID_COMMON_NAME,
    value: new AttributeValue({ utf8String: "certificate request" }),
  });
  const info = new CertificationRequestInfo({
    version: 0,
    subject: new Name([new RelativeDistinguishedName([commonName])]),
    subjectPKInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
    attributes: new Attributes(),
  });
  const signature = await sign(key, kind, bytes(AsnConvert.serialize(info)));
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm,
    signature: signature.buffer,
  });
  return bytes(AsnConvert.serialize(request));
}

async function sign(key: CryptoKey, kind: KeyKind, octets: Bytes): Promise<Bytes> {
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
