import { AsnConvert } from "@peculiar/asn1-schema";
import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName, SubjectPublicKeyInfo } from "@peculiar/asn1-x509";
import { type Bytes, bytes } from "../der/bytes";
import { fromPem } from "../der/pem";
import { Refusal } from "../refusal";
import type { KeyKind } from "./algorithms";
import { signatureAlgorithm, signatureOver } from "./sign";

const ID_COMMON_NAME = "2.5.4.3";
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/;

/** Largest request that the server reads, in octets. */
const LARGEST_REQUEST = 16_384;

/**
 * CertificationRequest (RFC 2986) for `spki`, as DER. It proves possession of the key and nothing else: the server takes the
 * names from the registration, so the subject here says nothing about the person.
 */
export async function certificationRequest(key: CryptoKey, kind: KeyKind, spki: Bytes): Promise<Bytes> {
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
  const signature = await signatureOver(bytes(AsnConvert.serialize(info)), key, kind);
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: signatureAlgorithm(kind),
    signature: signature.buffer,
  });
  return bytes(AsnConvert.serialize(request));
}

/**
 * The DER of the one request that somebody pasted or chose as a file, PEM or DER, exactly as it came. Refuses what is no request;
 * a private key is refused here, before it can be sent to anybody.
 */
export async function requestOf(given: Blob): Promise<Bytes> {
  if (given.size > LARGEST_REQUEST) throw new Refusal("error-request-format");
  const octets = bytes(await given.arrayBuffer());
  const words = new TextDecoder().decode(octets);
  if (PRIVATE_KEY.test(words)) throw new Refusal("error-request-private");
  try {
    const pem = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"].flatMap((label) => fromPem(label, words));
    const [request, ...others] = words.includes("-----BEGIN ") ? pem : [octets];
    if (!request || others.length > 0) throw new Error("not one request");
    AsnConvert.parse(request, CertificationRequest);
    return request;
  } catch {
    throw new Refusal("error-request-format");
  }
}
