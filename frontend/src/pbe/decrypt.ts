import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import type { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import { type Bytes, bytes, utf8 } from "../der/bytes";
import { Pbes2Params, Pbkdf2Params, Pkcs12PbeParams } from "../der/schemas";
import { Refusal } from "../refusal";
import * as ids from "./identifiers";
import { checkIterations } from "./limits";
import { BadPadding } from "./padding";
import { derive, PURPOSE } from "./pkcs12kdf";
import * as tripledes from "./tripledes";

const PRFS: Readonly<Record<string, string | undefined>> = {
  [ids.ID_HMAC_SHA1]: "SHA-1",
  [ids.ID_HMAC_SHA256]: "SHA-256",
  [ids.ID_HMAC_SHA384]: "SHA-384",
  [ids.ID_HMAC_SHA512]: "SHA-512",
};
/** Key lengths in octets. WebCrypto has no AES-192 in Chromium, and hardly any program writes it. */
const CIPHERS: Readonly<Record<string, number | undefined>> = {
  [ids.ID_AES_128_CBC]: 16,
  [ids.ID_AES_256_CBC]: 32,
  [ids.ID_DES_EDE3_CBC]: 24,
};

/**
 * Decrypts what PBES2 (AES or triple DES) or the old triple DES scheme of PKCS#12 encrypted. Refuses other schemes (RC2, RC4, DES)
 * with the command that converts the file, and a wrong password as such.
 */
export async function decrypt(algorithm: AlgorithmIdentifier, secret: Bytes, password: string): Promise<Bytes> {
  try {
    if (algorithm.algorithm === ids.ID_PBES2) return await decryptPbes2(algorithm, secret, password);
    if (algorithm.algorithm === ids.ID_PBE_SHA1_3DES) return await decryptPkcs12(algorithm, secret, password);
  } catch (error) {
    // The padding is wrong exactly when the password is, but for one chance in 256, which the caller's parser meets.
    if (error instanceof BadPadding) throw new Refusal("error-file-password");
    throw error;
  }
  throw new Refusal("error-file-algorithm");
}

function parametersOf<T>(algorithm: AlgorithmIdentifier, schema: new () => T): T {
  if (!algorithm.parameters) throw new Refusal("error-file-format");
  return AsnConvert.parse(algorithm.parameters, schema);
}

async function decryptPbes2(algorithm: AlgorithmIdentifier, secret: Bytes, password: string): Promise<Bytes> {
  const { keyDerivationFunc, encryptionScheme } = parametersOf(algorithm, Pbes2Params);
  const keyLength = CIPHERS[encryptionScheme.algorithm];
  if (keyDerivationFunc.algorithm !== ids.ID_PBKDF2 || keyLength === undefined) throw new Refusal("error-file-algorithm");
  const pbkdf2 = parametersOf(keyDerivationFunc, Pbkdf2Params);
  const hash = PRFS[pbkdf2.prf?.algorithm ?? ids.ID_HMAC_SHA1];
  if (!hash) throw new Refusal("error-file-algorithm");
  const derivation = { name: "PBKDF2", hash, salt: bytes(pbkdf2.salt.buffer), iterations: checkIterations(pbkdf2.iterationCount) };
  const material = await crypto.subtle.importKey("raw", utf8(password), "PBKDF2", false, ["deriveBits"]);
  const key = bytes(await crypto.subtle.deriveBits(derivation, material, keyLength * 8));
  const iv = bytes(parametersOf(encryptionScheme, OctetString).buffer);
  if (encryptionScheme.algorithm === ids.ID_DES_EDE3_CBC) return tripledes.decrypt(key, iv, secret);
  const aes = await crypto.subtle.importKey("raw", key, "AES-CBC", false, ["decrypt"]);
  try {
    return bytes(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, aes, secret));
  } catch {
    throw new BadPadding();
  }
}

async function decryptPkcs12(algorithm: AlgorithmIdentifier, secret: Bytes, password: string): Promise<Bytes> {
  const parameters = parametersOf(algorithm, Pkcs12PbeParams);
  const salt = bytes(parameters.salt.buffer);
  const derivation = { hash: "SHA-1", password, salt, iterations: checkIterations(parameters.iterations) } as const;
  const key = await derive(PURPOSE.key, derivation, 24);
  const iv = await derive(PURPOSE.iv, derivation, 8);
  return tripledes.decrypt(key, iv, secret);
}
