import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import { type Bytes, bytes, random, utf8 } from "../der/bytes";
import { Pbes2Params, Pbkdf2Params, Pkcs12PbeParams } from "../der/schemas";
import { ID_AES_256_CBC, ID_HMAC_SHA256, ID_PBE_SHA1_3DES, ID_PBES2, ID_PBKDF2 } from "./identifiers";
import { FILE_ITERATIONS } from "./limits";
import { derive, PURPOSE } from "./pkcs12kdf";
import * as tripledes from "./tripledes";

const NULL = bytes([0x05, 0x00]).buffer;

/** Rounds of the old scheme: its key derivation runs in script, and the cipher is what limits it. */
export const COMPATIBLE_ITERATIONS = 50_000;

export interface Encrypted {
  readonly algorithm: AlgorithmIdentifier;
  readonly content: Bytes;
}

export type Encrypt = (plain: Bytes, password: string) => Promise<Encrypted>;

/** PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC (RFC 8018): what current programs read and write. */
export async function encryptModern(plain: Bytes, password: string): Promise<Encrypted> {
  const salt = random(16);
  const iv = random(16);
  const secret = await crypto.subtle.importKey("raw", utf8(password), "PBKDF2", false, ["deriveKey"]);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt, iterations: FILE_ITERATIONS };
  const key = await crypto.subtle.deriveKey(derivation, secret, { name: "AES-CBC", length: 256 }, false, ["encrypt"]);
  const content = bytes(await crypto.subtle.encrypt({ name: "AES-CBC", iv }, key, plain));
  const pbkdf2 = new Pbkdf2Params({
    salt: new OctetString(salt),
    iterationCount: FILE_ITERATIONS,
    prf: new AlgorithmIdentifier({ algorithm: ID_HMAC_SHA256, parameters: NULL }),
  });
  const parameters = new Pbes2Params({
    keyDerivationFunc: new AlgorithmIdentifier({ algorithm: ID_PBKDF2, parameters: AsnConvert.serialize(pbkdf2) }),
    encryptionScheme: new AlgorithmIdentifier({
      algorithm: ID_AES_256_CBC,
      parameters: AsnConvert.serialize(new OctetString(iv)),
    }),
  });
  return { algorithm: new AlgorithmIdentifier({ algorithm: ID_PBES2, parameters: AsnConvert.serialize(parameters) }), content };
}

/** pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292, C): weak, and the only one that old Windows and Apple releases read. */
export async function encryptCompatible(plain: Bytes, password: string): Promise<Encrypted> {
  const salt = random(8);
  const derivation = { hash: "SHA-1", password, salt, iterations: COMPATIBLE_ITERATIONS } as const;
  const key = await derive(PURPOSE.key, derivation, 24);
  const iv = await derive(PURPOSE.iv, derivation, 8);
  const parameters = new Pkcs12PbeParams({ salt: new OctetString(salt), iterations: COMPATIBLE_ITERATIONS });
  const algorithm = new AlgorithmIdentifier({ algorithm: ID_PBE_SHA1_3DES, parameters: AsnConvert.serialize(parameters) });
  return { algorithm, content: tripledes.encrypt(key, iv, plain) };
}
