import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import type { ContentInfo } from "@peculiar/asn1-cms";
import {
  AuthenticatedSafe,
  CertBag,
  id_certBag,
  id_keyBag,
  id_pkcs8ShroudedKeyBag,
  id_SafeContents,
  id_x509Certificate,
  type MacData,
  PFX,
  PKCS8ShroudedKeyBag,
  type SafeBag,
  SafeContents,
} from "@peculiar/asn1-pfx";
import { type Bytes, bytes, same } from "../der/bytes";
import { normalize } from "../der/normalize";
import { EncryptedData } from "../der/schemas";
import { requirePrivateKey } from "../keys/pkcs8";
import { decrypt } from "../pbe/decrypt";
import { ID_SHA1, ID_SHA256, ID_SHA384, ID_SHA512 } from "../pbe/identifiers";
import { checkIterations } from "../pbe/limits";
import type { Pkcs12Hash } from "../pbe/pkcs12kdf";
import { Refusal } from "../refusal";
import { ID_DATA, ID_ENCRYPTED_DATA } from "./identifiers";
import { mac } from "./mac";

/** Largest file that is opened, in octets. */
export const LARGEST_FILE = 1_048_576;

const MAC_HASHES: Readonly<Record<string, Pkcs12Hash | undefined>> = {
  [ID_SHA1]: "SHA-1",
  [ID_SHA256]: "SHA-256",
  [ID_SHA384]: "SHA-384",
  [ID_SHA512]: "SHA-512",
};

export interface Opened {
  /** PrivateKeyInfo of every key in the file, in clear. */
  readonly keys: readonly Bytes[];
  /** Every X.509 certificate in the file, as DER. */
  readonly certificates: readonly Bytes[];
}

/**
 * Opens a PKCS#12 file of any program (RFC 7292). Refuses what is too large, malformed, under a wrong password, or written in a
 * scheme that it does not read.
 */
export async function readPkcs12(file: Bytes, password: string): Promise<Opened> {
  if (file.length > LARGEST_FILE) throw new Refusal("error-file-large");
  const pfx = parse(file, PFX);
  // Version 3 is the only one; public-key integrity (signedData) is not used for backups of persons.
  if (pfx.version !== 3 || pfx.authSafe.contentType !== ID_DATA) throw new Refusal("error-file-format");
  const safe = octetsOf(pfx.authSafe);
  await checkMac(safe, pfx.macData, password);
  const opened = { keys: [] as Bytes[], certificates: [] as Bytes[] };
  for (const part of parse(safe, AuthenticatedSafe)) {
    await readBags(parse(await contentsOf(part, password), SafeContents), password, opened);
  }
  if (opened.keys.length === 0) throw new Refusal("error-file-no-key");
  return opened;
}

/** `ber` by its schema; what does not fit is refused as a file of another kind. */
function parse<T>(ber: ArrayBuffer | Bytes, schema: new () => T): T {
  try {
    return AsnConvert.parse(normalize(new Uint8Array(ber)), schema);
  } catch {
    throw new Refusal("error-file-format");
  }
}

function octetsOf(content: ContentInfo): Bytes {
  return bytes(parse(content.content, OctetString).buffer);
}

async function checkMac(safe: Bytes, macData: MacData | undefined, password: string): Promise<void> {
  if (!macData) throw new Refusal("error-file-algorithm");
  const hash = MAC_HASHES[macData.mac.digestAlgorithm.algorithm];
  if (!hash) throw new Refusal("error-file-algorithm");
  const salt = bytes(macData.macSalt.buffer);
  const expected = await mac(safe, { hash, password, salt, iterations: checkIterations(macData.iterations) });
  if (!same(expected, bytes(macData.mac.digest.buffer))) throw new Refusal("error-file-password");
}

async function contentsOf(part: ContentInfo, password: string): Promise<Bytes> {
  if (part.contentType === ID_DATA) return octetsOf(part);
  if (part.contentType !== ID_ENCRYPTED_DATA) throw new Refusal("error-file-algorithm");
  const { contentType, contentEncryptionAlgorithm, encryptedContent } = parse(part.content, EncryptedData).encryptedContentInfo;
  if (contentType !== ID_DATA || !encryptedContent) throw new Refusal("error-file-format");
  const pieces = encryptedContent.value ? [encryptedContent.value] : (encryptedContent.constructedValue ?? []);
  const secret = bytes(pieces.flatMap((piece) => [...new Uint8Array(piece.buffer)]));
  return decrypt(contentEncryptionAlgorithm, secret, password);
}

async function readBags(bags: SafeContents, password: string, opened: { keys: Bytes[]; certificates: Bytes[] }): Promise<void> {
  for (const bag of bags) {
    if (bag.bagId === id_SafeContents) await readBags(parse(bag.bagValue, SafeContents), password, opened);
    else if (bag.bagId === id_certBag) opened.certificates.push(...certificateOf(bag));
    else if (bag.bagId === id_keyBag || bag.bagId === id_pkcs8ShroudedKeyBag) opened.keys.push(await keyOf(bag, password));
    // CRLs and secrets may lie beside the key; they are nobody's backup of it.
  }
}

function certificateOf(bag: SafeBag): Bytes[] {
  const { certId, certValue } = parse(bag.bagValue, CertBag);
  return certId === id_x509Certificate ? [bytes(parse(certValue, OctetString).buffer)] : [];
}

async function keyOf(bag: SafeBag, password: string): Promise<Bytes> {
  let pkcs8 = bytes(bag.bagValue);
  if (bag.bagId === id_pkcs8ShroudedKeyBag) {
    const { encryptionAlgorithm, encryptedData } = parse(bag.bagValue, PKCS8ShroudedKeyBag);
    pkcs8 = await decrypt(encryptionAlgorithm, bytes(encryptedData.buffer), password);
  }
  requirePrivateKey(pkcs8, "error-file-format");
  return pkcs8;
}
