import { AsnConvert } from "@peculiar/asn1-schema";
import { EncryptedData, EncryptedPrivateKeyInfo, PrivateKeyInfo } from "@peculiar/asn1-pkcs8";
import { type Bytes, bytes } from "../der/bytes";
import { normalize } from "../der/normalize";
import { fromPem, toPem } from "../der/pem";
import { decrypt } from "../pbe/decrypt";
import { encryptModern } from "../pbe/encrypt";
import { Refusal } from "../refusal";

const LABEL = "ENCRYPTED PRIVATE KEY";

/** `pkcs8` as an encrypted key file in PEM that `openssl pkcs8` opens (RFC 5958, 3; RFC 7468, 11). */
export async function encryptedKeyFile(pkcs8: Bytes, password: string): Promise<string> {
  const { algorithm, content } = await encryptModern(pkcs8, password);
  const info = new EncryptedPrivateKeyInfo({ encryptionAlgorithm: algorithm, encryptedData: new EncryptedData(content) });
  return toPem(LABEL, new Uint8Array(AsnConvert.serialize(info)));
}

/** Whether a file looks like an encrypted key in PEM. */
export function isKeyFile(text: string): boolean {
  return text.includes(`-----BEGIN ${LABEL}-----`);
}

/** The PKCS#8 octets in an encrypted key file. Refuses other files, wrong passwords, unknown schemes. */
export async function openKeyFile(text: string, password: string): Promise<Bytes> {
  const [der] = fromPem(LABEL, text);
  if (!der) throw new Refusal("error-file-format");
  let info: EncryptedPrivateKeyInfo;
  try {
    info = AsnConvert.parse(normalize(der), EncryptedPrivateKeyInfo);
  } catch {
    throw new Refusal("error-file-format");
  }
  const pkcs8 = await decrypt(info.encryptionAlgorithm, bytes(info.encryptedData.buffer), password);
  requirePrivateKey(pkcs8, "error-file-password");
  return pkcs8;
}

/** Refuses with `key` unless the octets are one PrivateKeyInfo. */
export function requirePrivateKey(pkcs8: Bytes, key: "error-file-password" | "error-file-format"): void {
  try {
    AsnConvert.parse(pkcs8, PrivateKeyInfo);
  } catch {
    throw new Refusal(key);
  }
}
