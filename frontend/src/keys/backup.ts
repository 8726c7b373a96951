import { type Bytes, hex } from "../der/bytes";
import { isKeyFile, openKeyFile } from "./pkcs8";
import { keyMatchesCertificate } from "./match";
import { asText } from "../files";
import { readPkcs12 } from "../pkcs12/read";
import { Refusal } from "../refusal";

/**
 * The private key in `file` that belongs to `certificate`, in clear. `file` is a PKCS#12 backup, which must hold the certificate
 * as well, or an encrypted key file. Refuses every other file in words that say what is wrong with it.
 */
export async function keyFromFile(file: Bytes, password: string, certificate: Bytes): Promise<{ pkcs8: Bytes; isBackup: boolean }> {
  if (password === "") throw new Refusal("error-password-missing");
  const words = asText(file);
  const isBackup = !isKeyFile(words);
  const opened = isBackup ? await readPkcs12(file, password) : { keys: [await openKeyFile(words, password)], certificates: [certificate] };
  const [pkcs8] = await matching(opened.keys, certificate);
  if (!pkcs8) throw new Refusal("error-key-mismatch");
  const wanted = hex(certificate);
  if (!opened.certificates.some((held) => hex(held) === wanted)) throw new Refusal("error-file-certificate");
  return { pkcs8, isBackup };
}

async function matching(keys: readonly Bytes[], certificate: Bytes): Promise<Bytes[]> {
  const found: Bytes[] = [];
  for (const key of keys) if (await keyMatchesCertificate(key, certificate)) found.push(key);
  return found;
}
