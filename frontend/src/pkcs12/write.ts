import { type AsnArray, AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { ContentInfo, EncryptedContent, EncryptedContentInfo } from "@peculiar/asn1-cms";
import {
  AuthenticatedSafe,
  CertBag,
  id_certBag,
  id_pkcs8ShroudedKeyBag,
  id_x509Certificate,
  MacData,
  PFX,
  PKCS12Attribute,
  PKCS8ShroudedKeyBag,
  SafeBag,
  SafeContents,
} from "@peculiar/asn1-pfx";
import { EncryptedData as EncryptedKey } from "@peculiar/asn1-pkcs8";
import { DigestInfo } from "@peculiar/asn1-rsa";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import { BmpString } from "asn1js";
import { type Bytes, bytes, random } from "../der/bytes";
import { inSetOrder } from "../der/order";
import { EncryptedData } from "../der/schemas";
import { sha256 } from "../keys/digest";
import { COMPATIBLE_ITERATIONS, type Encrypt, encryptCompatible, encryptModern } from "../pbe/encrypt";
import { ID_SHA1, ID_SHA256 } from "../pbe/identifiers";
import { FILE_ITERATIONS } from "../pbe/limits";
import { type Pkcs12Hash } from "../pbe/pkcs12kdf";
import { ID_DATA, ID_ENCRYPTED_DATA, ID_FRIENDLY_NAME, ID_LOCAL_KEY_ID } from "./identifiers";
import { mac } from "./mac";

const NULL = bytes([0x05, 0x00]).buffer;

export interface Backup {
  /** PrivateKeyInfo in clear (RFC 5958). */
  readonly pkcs8: Bytes;
  /** The certificate of the key, as DER. */
  readonly leaf: Bytes;
  /** Issuing CA first, root last, as DER. */
  readonly chain: readonly Bytes[];
  /** How programs name the key in their lists; any script. */
  readonly friendlyName: string;
}

interface Form {
  readonly encrypt: Encrypt;
  readonly hash: Pkcs12Hash;
  readonly digest: string;
  readonly saltLength: number;
  readonly iterations: number;
}

/** Modern: AES-256 and SHA-256. Compatible: triple DES and SHA-1, for Windows before Server 2019 and some Apple releases. */
export const FORMS = {
  modern: { encrypt: encryptModern, hash: "SHA-256", digest: ID_SHA256, saltLength: 16, iterations: FILE_ITERATIONS },
  compatible: { encrypt: encryptCompatible, hash: "SHA-1", digest: ID_SHA1, saltLength: 8, iterations: COMPATIBLE_ITERATIONS },
} as const satisfies Record<string, Form>;

/** A password-protected PKCS#12 file with key, certificate and chain (RFC 7292), as DER. */
export async function writePkcs12(backup: Backup, password: string, form: Form = FORMS.modern): Promise<Bytes> {
  const attributes = await keyAttributes(backup);
  const certificates = [
    certificateBag(backup.leaf, attributes),
    ...backup.chain.map((certificate) => certificateBag(certificate, [])),
  ];
  const safe = bytes(
    AsnConvert.serialize(
      new AuthenticatedSafe([
        await encryptedContents(certificates, password, form),
        dataContents([await keyBag(backup.pkcs8, attributes, password, form)]),
      ]),
    ),
  );
  const pfx = new PFX({
    version: 3,
    authSafe: new ContentInfo({ contentType: ID_DATA, content: AsnConvert.serialize(new OctetString(safe)) }),
    macData: await macData(safe, password, form),
  });
  return bytes(AsnConvert.serialize(pfx));
}

/** friendlyName and localKeyID, the same on key and certificate, in the order that DER wants of a SET OF. */
async function keyAttributes(backup: Backup): Promise<PKCS12Attribute[]> {
  const localKeyId = (await sha256(backup.leaf)).slice(0, 20);
  const attributes = [
    attribute(ID_FRIENDLY_NAME, new BmpString({ value: backup.friendlyName }).toBER()),
    attribute(ID_LOCAL_KEY_ID, AsnConvert.serialize(new OctetString(localKeyId))),
  ];
  return inSetOrder(attributes);
}

function attribute(attrId: string, value: ArrayBuffer): PKCS12Attribute {
  // The constructor of the schema (2.11.1) forgets what it is given.
  return Object.assign(new PKCS12Attribute(), { attrId, attrValues: [value] });
}

function bag(bagId: string, bagValue: ArrayBuffer, attributes: PKCS12Attribute[]): SafeBag {
  return new SafeBag({ bagId, bagValue, ...(attributes.length > 0 && { bagAttributes: attributes }) });
}

function certificateBag(certificate: Bytes, attributes: PKCS12Attribute[]): SafeBag {
  const value = new CertBag({ certId: id_x509Certificate, certValue: AsnConvert.serialize(new OctetString(certificate)) });
  return bag(id_certBag, AsnConvert.serialize(value), attributes);
}

async function keyBag(pkcs8: Bytes, attributes: PKCS12Attribute[], password: string, form: Form): Promise<SafeBag> {
  const { algorithm, content } = await form.encrypt(pkcs8, password);
  const value = new PKCS8ShroudedKeyBag({ encryptionAlgorithm: algorithm, encryptedData: new EncryptedKey(content) });
  return bag(id_pkcs8ShroudedKeyBag, AsnConvert.serialize(value), attributes);
}

function serialize(contents: AsnArray<unknown>): Bytes {
  return bytes(AsnConvert.serialize(contents));
}

function dataContents(bags: SafeBag[]): ContentInfo {
  const content = new OctetString(serialize(new SafeContents(bags)));
  return new ContentInfo({ contentType: ID_DATA, content: AsnConvert.serialize(content) });
}

async function encryptedContents(bags: SafeBag[], password: string, form: Form): Promise<ContentInfo> {
  const { algorithm, content } = await form.encrypt(serialize(new SafeContents(bags)), password);
  const data = new EncryptedData({
    version: 0,
    encryptedContentInfo: new EncryptedContentInfo({
      contentType: ID_DATA,
      contentEncryptionAlgorithm: algorithm,
      encryptedContent: new EncryptedContent({ value: new OctetString(content) }),
    }),
  });
  return new ContentInfo({ contentType: ID_ENCRYPTED_DATA, content: AsnConvert.serialize(data) });
}

async function macData(safe: Bytes, password: string, form: Form): Promise<MacData> {
  const salt = random(form.saltLength);
  const digest = await mac(safe, { hash: form.hash, password, salt, iterations: form.iterations });
  return new MacData({
    mac: new DigestInfo({
      digestAlgorithm: new AlgorithmIdentifier({ algorithm: form.digest, parameters: NULL }),
      digest: new OctetString(digest),
    }),
    macSalt: new OctetString(salt),
    iterations: form.iterations,
  });
}
