import { CBC, EDE } from "des.js";
import { type Bytes, bytes, concat } from "../der/bytes";
import { BadPadding } from "./padding";

const BLOCK = 8;

function run(type: "encrypt" | "decrypt", key: Bytes, iv: Bytes, input: Bytes): Bytes {
  const cipher = CBC.instantiate(EDE).create({ type, key, iv, padding: false });
  return bytes([...cipher.update(input), ...cipher.final()]);
}

/** Triple DES in CBC mode with PKCS#7 padding. Only for files that old systems must read or have written. */
export function encrypt(key: Bytes, iv: Bytes, plain: Uint8Array): Bytes {
  const padding = BLOCK - (plain.length % BLOCK);
  return run("encrypt", key, iv, concat(plain, new Uint8Array(padding).fill(padding)));
}

/** Undoes `encrypt`. Raises BadPadding. */
export function decrypt(key: Bytes, iv: Bytes, secret: Bytes): Bytes {
  if (secret.length === 0 || secret.length % BLOCK !== 0) throw new BadPadding();
  const plain = run("decrypt", key, iv, secret);
  const padding = plain[plain.length - 1] ?? 0;
  const tail = plain.subarray(plain.length - padding);
  if (padding < 1 || padding > BLOCK || tail.some((octet) => octet !== padding)) throw new BadPadding();
  return plain.slice(0, plain.length - padding);
}
