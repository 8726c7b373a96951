import { type Bytes, bytes, hex } from "../der/bytes";

/** SHA-256 of `octets`. */
export async function sha256(octets: Bytes): Promise<Bytes> {
  return bytes(await crypto.subtle.digest("SHA-256", octets));
}

/** SHA-256 of `octets`, hexadecimal: the form in which server and page name a public key. */
export async function sha256Hex(octets: Bytes): Promise<string> {
  return hex(await sha256(octets));
}
