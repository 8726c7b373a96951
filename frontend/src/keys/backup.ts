import { type Bytes, hex } from "../der/bytes";
import { isKeyFile, openKeyFile } from "./pkcs8";
import { keyMatchesCertificate } from "./match";
import { asText } from "../files";
import { readPkcs12 } from "../pkcs12/read";
import { Refusal } from "../refusal";

/** A file that was opened: what is in it, and whether it is a PKCS#12 backup or a key file without a certificate. */
interface OpenedFile {
  readonly keys: readonly Bytes[];
  readonly certificates: readonly Bytes[];
  readonly isBackup: boolean;
}

/**
 * The private key in `file` that belongs to `certificate`, in clear. `file` is a PKCS#12 backup, which must hold the certificate
 * as well, or an encrypted key file. Refuses every other file in words that say what is wrong with it.
 */
export async function keyFromFile(file: Bytes, password: string, certificate: Bytes): Promise<{ pkcs8: Bytes; isBackup: boolean }> {
  const opened = await open(file, password);
  const pkcs8 = await matching(opened.keys, certificate);
  const wanted = hex(certificate);
  if (opened.isBackup && !opened.certificates.some((held) => hex(held) === wanted)) throw new Refusal("error-file-certificate");
  return { pkcs8, isBackup: opened.isBackup };
}

/** The same where only the key matters, whatever certificates lie beside it. */
export async function privateKeyFromFile(file: Bytes, password: string, certificate: Bytes): Promise<Bytes> {
  return matching((await open(file, password)).keys, certificate);
}

async function open(file: Bytes, password: string): Promise<OpenedFile> {
  if (password === "") throw new Refusal("error-password-missing");
  const words = asText(file);
  if (isKeyFile(words)) return { keys: [await openKeyFile(words, password)], certificates: [], isBackup: false };
  return { ...(await readPkcs12(file, password)), isBackup: true };
}

async function matching(keys: readonly Bytes[], certificate: Bytes): Promise<Bytes> {
  for (const key of keys) if (await keyMatchesCertificate(key, certificate)) return key;
  throw new Refusal("error-key-mismatch");
}
