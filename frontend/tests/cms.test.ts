import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { ContentInfo, SignedData } from "@peculiar/asn1-cms";
import {
  Certificate,
  Name,
  RelativeDistinguishedName,
  AttributeTypeAndValue,
  AttributeValue,
  SubjectPublicKeyInfo,
  AlgorithmIdentifier,
  TBSCertificate,
  Validity,
} from "@peculiar/asn1-x509";
import { CertificationRequest } from "@peculiar/asn1-csr";
import { describe, expect, it } from "vitest";
import { renewalStatement, serialOf } from "../src/cms/statement";
import { signedData } from "../src/cms/sign";
import { type Bytes, bytes, hex, utf8 } from "../src/der/bytes";
import { inSetOrder } from "../src/der/order";
import { toPem } from "../src/der/pem";
import { SignedAttributes } from "../src/der/schemas";
import { importPrivateKey, publicKeyOf } from "../src/keys/algorithms";
import { requestOf } from "../src/keys/csr";
import { sha256Hex } from "../src/keys/digest";
import { generateKey, type NewKey } from "../src/keys/generate";

const ORDER = "0b5c6d9e-0000-4000-8000-000000000001";
const NONCE = { nonce: "00112233445566778899aabbccddeeff", time: "2026-11-20T09:08:07Z" };
const AT = new Date(NONCE.time);

/** A certificate for the key of the request; its own signature says nothing (programs that look at it are in tests/interop). */
function certificateFor(csr: Bytes, serial: readonly number[]): Bytes {
  const signatureAlgorithm = new AlgorithmIdentifier({ algorithm: "1.2.840.10045.4.3.2" });
  const value = new AttributeValue({ utf8String: "陳大文" });
  const name = new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: "2.5.4.3", value })])]);
  const tbsCertificate = new TBSCertificate({
    version: 2,
    serialNumber: bytes(serial).buffer,
    signature: signatureAlgorithm,
    issuer: name,
    validity: new Validity({ notBefore: AT, notAfter: AT }),
    subject: name,
    subjectPublicKeyInfo: spkiOf(csr),
  });
  return bytes(AsnConvert.serialize(new Certificate({ tbsCertificate, signatureAlgorithm, signatureValue: new ArrayBuffer(8) })));
}

function spkiOf(csr: Bytes): SubjectPublicKeyInfo {
  return AsnConvert.parse(csr, CertificationRequest).certificationRequestInfo.subjectPKInfo;
}

/** What WebCrypto takes: r and s side by side, for a curve of `size` octets. */
function rawSignature(signature: Uint8Array, size: number): Bytes {
  let offset = 2;
  const parts: number[] = [];
  for (let part = 0; part < 2; part++) {
    const length = signature[offset + 1] ?? 0;
    const digits = [...signature.slice(offset + 2, offset + 2 + length)];
    while (digits.length > size) expect(digits.shift()).toBe(0);
    while (digits.length < size) digits.unshift(0);
    parts.push(...digits);
    offset += 2 + length;
  }
  return bytes(parts);
}

async function verified(made: NewKey, certificate: Bytes, message: Bytes): Promise<boolean> {
  const signed = AsnConvert.parse(AsnConvert.parse(message, ContentInfo).content, SignedData);
  const [signer] = signed.signerInfos;
  const { spki, kind } = publicKeyOf(certificate);
  expect(hex(spki)).toBe(hex(bytes(AsnConvert.serialize(spkiOf(made.csr)))));
  const key = await crypto.subtle.importKey("spki", spki, kind.algorithm, false, ["verify"]);
  const attributes = bytes(AsnConvert.serialize(new SignedAttributes(signer?.signedAttrs ?? [])));
  const octets = new Uint8Array(signer?.signature.buffer ?? new ArrayBuffer(0));
  const signature = kind.algorithm.name === "ECDSA" ? rawSignature(octets, kind.hash === "SHA-256" ? 32 : 48) : bytes(octets);
  return crypto.subtle.verify(kind.signing, key, signature, attributes);
}

describe("signedData", () => {
  it.each(["rsa2048", "p256", "p384"])("%s: content, certificate and a signature over the sorted attributes", async (keyType) => {
    const made = await generateKey(keyType);
    const certificate = certificateFor(made.csr, [0x00, 0x8f, 0x01]);
    const key = await importPrivateKey(made.pkcs8);
    expect(key.extractable).toBe(false);
    const message = await signedData(utf8("陳大文\n"), { key, certificate }, AT);
    const signed = AsnConvert.parse(AsnConvert.parse(message, ContentInfo).content, SignedData);
    expect(new TextDecoder().decode(signed.encapContentInfo.eContent?.single?.buffer)).toBe("陳大文\n");
    const [embedded] = signed.certificates ?? [];
    expect(hex(bytes(AsnConvert.serialize(embedded?.certificate ?? new Certificate())))).toBe(hex(certificate));
    const attributes = signed.signerInfos[0]?.signedAttrs ?? [];
    expect(inSetOrder(attributes)).toEqual(attributes);
    expect(attributes.map(({ attrType }) => attrType).sort()).toEqual([
      "1.2.840.113549.1.9.16.2.47",
      "1.2.840.113549.1.9.3",
      "1.2.840.113549.1.9.4",
      "1.2.840.113549.1.9.5",
    ]);
    expect(await verified(made, certificate, message)).toBe(true);
    const other = message.slice();
    other[other.length - 1] = (other[other.length - 1] ?? 0) ^ 1;
    expect(await verified(made, certificate, other)).toBe(false);
  });
});

describe("inSetOrder", () => {
  it("sorts by the encodings, shorter and smaller ones first", () => {
    const values = [[2, 1], [9], [2, 0], [1, 1, 1]].map((octets) => new OctetString(octets));
    expect(inSetOrder(values).map((value) => hex(new Uint8Array(value.buffer)))).toEqual(["09", "0200", "0201", "010101"]);
  });
});

describe("renewalStatement", () => {
  it("names both certificates and both requests in order, line by line", async () => {
    const [signing, encryption] = [await generateKey("p256"), await generateKey("p256")];
    const old = [certificateFor(signing.csr, [0x00, 0x8f, 0x01]), certificateFor(encryption.csr, [0x0a, 0xbc])];
    const requests = [signing.csr, encryption.csr];
    const statement = await renewalStatement({ order: ORDER, old, requests }, NONCE);
    expect(new TextDecoder().decode(statement)).toBe(
      [
        "Sigillum renewal 1",
        `order: ${ORDER}`,
        "serial: 8f01",
        "serial: abc",
        `csr-sha256: ${await sha256Hex(signing.csr)}`,
        `csr-sha256: ${await sha256Hex(encryption.csr)}`,
        `nonce: ${NONCE.nonce}`,
        `time: ${NONCE.time}`,
        "",
      ].join("\n"),
    );
  });

  it.each([
    { ...NONCE, nonce: "00112233445566778899aabbccddee" },
    { ...NONCE, nonce: "00112233445566778899AABBCCDDEEFF" },
    { ...NONCE, nonce: `${NONCE.nonce}\norder: another` },
    { ...NONCE, time: "2026-11-20T09:08:07+00:00" },
    { ...NONCE, time: `${NONCE.time}\n` },
  ])("signs nothing else that a server may send: %j", async (nonce) => {
    await expect(renewalStatement({ order: ORDER, old: [], requests: [] }, nonce)).rejects.toThrow();
  });

  it("writes serial numbers without leading zeros", async () => {
    const { csr } = await generateKey("p256");
    expect(serialOf(certificateFor(csr, [0x00, 0xff]))).toBe("ff");
    expect(serialOf(certificateFor(csr, [0x01]))).toBe("1");
  });
});

describe("requestOf", () => {
  it("takes one request as it came, PEM of both names or DER", async () => {
    const { csr } = await generateKey("p256");
    for (const given of [csr, `words\n${toPem("CERTIFICATE REQUEST", csr)}`, toPem("NEW CERTIFICATE REQUEST", csr).replaceAll("\n", "\r\n")]) {
      expect(hex(await requestOf(new Blob([given])))).toBe(hex(csr));
    }
  });

  it("refuses a private key before anything is sent", async () => {
    const { csr, pkcs8 } = await generateKey("p256");
    const both = toPem("CERTIFICATE REQUEST", csr) + toPem("PRIVATE KEY", pkcs8);
    await expect(requestOf(new Blob([both]))).rejects.toThrow("error-request-private");
  });

  it("refuses what is not one request", async () => {
    const { csr, pkcs8 } = await generateKey("p256");
    const pem = toPem("CERTIFICATE REQUEST", csr);
    for (const given of ["", "words", pem + pem, pem.slice(0, -60), pem.replace("M", "="), pkcs8, toPem("CERTIFICATE", csr), csr.slice(0, -1), new Uint8Array(16_385)]) {
      await expect(requestOf(new Blob([given]))).rejects.toThrow("error-request-format");
    }
  });
});
