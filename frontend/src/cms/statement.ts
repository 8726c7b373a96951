import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import { type Bytes, hex, utf8 } from "../der/bytes";
import { sha256Hex } from "../keys/digest";

/** A random value that the server made for one proof, and its time then. */
export interface Nonce {
  /** Hexadecimal. */
  readonly nonce: string;
  /** By the server's clock: YYYY-MM-DDTHH:MM:SSZ. */
  readonly time: string;
}

export interface Renewal {
  /** Public id of the draft order. */
  readonly order: string;
  /** The certificates that are renewed, as DER, in the order of the items. */
  readonly old: readonly Bytes[];
  /** The certification requests of the new keys, as DER, in the order of the items. */
  readonly requests: readonly Bytes[];
}

/**
 * The words that the old key signs: which certificates are renewed with which requests, fresh by the server's nonce. They are
 * put together here and not taken from the server, so that the key can never be made to sign anything else. Raises for a nonce
 * or time of another form.
 */
export async function renewalStatement(renewal: Renewal, { nonce, time }: Nonce): Promise<Bytes> {
  if (!/^[0-9a-f]{32,128}$/.test(nonce)) throw new Error("the nonce is not hexadecimal");
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time)) throw new Error("the time is not in UTC");
  const hashes = await Promise.all(renewal.requests.map(sha256Hex));
  const lines = [
    "Sigillum renewal 1",
    `order: ${renewal.order}`,
    ...renewal.old.map((certificate) => `serial: ${serialOf(certificate)}`),
    ...hashes.map((hash) => `csr-sha256: ${hash}`),
    `nonce: ${nonce}`,
    `time: ${time}`,
  ];
  return utf8(lines.map((line) => `${line}\n`).join(""));
}

/** Serial number of a certificate: lower-case hexadecimal without leading zeros. */
export function serialOf(certificate: Bytes): string {
  const { serialNumber } = AsnConvert.parse(certificate, Certificate).tbsCertificate;
  return hex(new Uint8Array(serialNumber)).replace(/^0+(?=.)/, "");
}
