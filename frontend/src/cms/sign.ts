import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  Attribute,
  CertificateChoices,
  CertificateSet,
  CMSVersion,
  ContentInfo,
  DigestAlgorithmIdentifier,
  DigestAlgorithmIdentifiers,
  EncapsulatedContent,
  EncapsulatedContentInfo,
  id_contentType,
  id_messageDigest,
  id_signingTime,
  IssuerAndSerialNumber,
  SignatureAlgorithmIdentifier,
  SignedData,
  SignerIdentifier,
  SignerInfo,
  SignerInfos,
  SigningTime,
} from "@peculiar/asn1-cms";
import { Certificate } from "@peculiar/asn1-x509";
import { ObjectIdentifier } from "asn1js";
import { type Bytes, bytes } from "../der/bytes";
import { inSetOrder } from "../der/order";
import { EssCertIdV2, SignedAttributes, SigningCertificateV2 } from "../der/schemas";
import { type KeyKind, publicKeyOf } from "../keys/algorithms";
import { sha256 } from "../keys/digest";
import { signatureAlgorithm, signatureOver } from "../keys/sign";
import { ID_SHA256, ID_SHA384, ID_SHA512 } from "../pbe/identifiers";
import { ID_DATA } from "../pkcs12/identifiers";

const ID_SIGNED_DATA = "1.2.840.113549.1.7.2";
const ID_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
const DIGESTS: Readonly<Record<KeyKind["hash"], string>> = { "SHA-256": ID_SHA256, "SHA-384": ID_SHA384, "SHA-512": ID_SHA512 };

export interface Signer {
  /** The private key; it need not be extractable. */
  readonly key: CryptoKey;
  /** The certificate of that key, as DER. */
  readonly certificate: Bytes;
}

/**
 * `content` with its signature, as CMS SignedData in DER (RFC 5652, 5): one signer, named by issuer and serial number, whose
 * certificate goes along; signed attributes with the time `at` and the certificate's hash (RFC 5035).
 */
export async function signedData(content: Bytes, signer: Signer, at: Date): Promise<Bytes> {
  const certificate = AsnConvert.parse(signer.certificate, Certificate);
  const { kind } = publicKeyOf(signer.certificate);
  // Content and signed attributes are hashed alike: the signer's digest algorithm is that of the signature (RFC 5652, 5.4).
  const digestAlgorithm = new DigestAlgorithmIdentifier({ algorithm: DIGESTS[kind.hash] });
  const attributes = await signedAttributes(content, signer, kind, at);
  const signature = await signatureOver(bytes(AsnConvert.serialize(new SignedAttributes(attributes))), signer.key, kind);
  const { issuer, serialNumber } = certificate.tbsCertificate;
  const signerInfo = new SignerInfo({
    version: CMSVersion.v1,
    sid: new SignerIdentifier({ issuerAndSerialNumber: new IssuerAndSerialNumber({ issuer, serialNumber }) }),
    digestAlgorithm,
    signedAttrs: attributes,
    signatureAlgorithm: new SignatureAlgorithmIdentifier(signatureAlgorithm(kind)),
    signature: new OctetString(signature),
  });
  const data = new SignedData({
    version: CMSVersion.v1,
    digestAlgorithms: new DigestAlgorithmIdentifiers([digestAlgorithm]),
    encapContentInfo: new EncapsulatedContentInfo({
      eContentType: ID_DATA,
      eContent: new EncapsulatedContent({ single: new OctetString(content) }),
    }),
    certificates: new CertificateSet([new CertificateChoices({ certificate })]),
    signerInfos: new SignerInfos([signerInfo]),
  });
  return bytes(AsnConvert.serialize(new ContentInfo({ contentType: ID_SIGNED_DATA, content: AsnConvert.serialize(data) })));
}

/** What is signed: kind and hash of the content, the time, and which certificate it is that signs. */
async function signedAttributes(content: Bytes, signer: Signer, kind: KeyKind, at: Date): Promise<Attribute[]> {
  const digest = bytes(await crypto.subtle.digest(kind.hash, content));
  const certHash = new OctetString(await sha256(signer.certificate));
  const reference = new SigningCertificateV2({ certs: [new EssCertIdV2({ certHash })] });
  return inSetOrder([
    attribute(id_contentType, new ObjectIdentifier({ value: ID_DATA }).toBER()),
    attribute(id_messageDigest, AsnConvert.serialize(new OctetString(digest))),
    attribute(id_signingTime, AsnConvert.serialize(new SigningTime(at))),
    attribute(ID_SIGNING_CERTIFICATE_V2, AsnConvert.serialize(reference)),
  ]);
}

function attribute(attrType: string, value: ArrayBuffer): Attribute {
  return new Attribute({ attrType, attrValues: [value] });
}
