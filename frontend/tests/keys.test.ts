import { AsnConvert } from "@peculiar/asn1-schema";
import { CertificationRequest } from "@peculiar/asn1-csr";
import { describe, expect, it } from "vitest";
import { bytes } from "../src/der/bytes";
import { KEY_KINDS } from "../src/keys/algorithms";
import { generateKey } from "../src/keys/generate";
import { spkiSha256OfPrivateKey } from "../src/keys/match";
import { checkNewPassword } from "../src/keys/password";
import { encryptedKeyFile, openKeyFile } from "../src/keys/pkcs8";
import { unwrapKey, wrapKey } from "../src/keys/wrap";

const PASSWORD = "correct horse battery";

describe("generateKey", () => {
  it.each(Object.keys(KEY_KINDS))("%s: the request holds one name and no attribute, the key its public half", async (keyType) => {
    const key = await generateKey(keyType);
    const { certificationRequestInfo } = AsnConvert.parse(key.csr, CertificationRequest);
    expect(certificationRequestInfo.subject.map((rdn) => rdn.length)).toEqual([1]);
    expect(certificationRequestInfo.attributes.length).toBe(0);
    expect(await spkiSha256OfPrivateKey(key.pkcs8)).toBe(key.spkiSha256);
  });

  it("refuses a key type that is not on offer", async () => {
    await expect(generateKey("rsa1024")).rejects.toThrow("error-generate");
  });
});

describe("wrapKey", () => {
  const binding = { order: "order", spkiSha256: "00" };
  const secret = bytes([1, 2, 3]);

  it("gives the key back under the same password and binding", async () => {
    const wrapped = await wrapKey(secret, PASSWORD, binding);
    expect(wrapped.iterations).toBe(600_000);
    expect(await unwrapKey(wrapped, PASSWORD, binding)).toEqual(secret);
  });

  it("refuses another password, another order, another public key", async () => {
    const wrapped = await wrapKey(secret, PASSWORD, binding);
    await expect(unwrapKey(wrapped, "another password", binding)).rejects.toThrow("error-password-wrong");
    await expect(unwrapKey(wrapped, PASSWORD, { ...binding, order: "other" })).rejects.toThrow("error-password-wrong");
    await expect(unwrapKey(wrapped, PASSWORD, { ...binding, spkiSha256: "01" })).rejects.toThrow("error-password-wrong");
    await expect(unwrapKey(wrapped, "", binding)).rejects.toThrow("error-password-missing");
  });
});

describe("encryptedKeyFile", () => {
  it("opens with its password and with no other", async () => {
    const { pkcs8 } = await generateKey("p256");
    const file = await encryptedKeyFile(pkcs8, PASSWORD);
    expect(file).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    expect(await openKeyFile(file, PASSWORD)).toEqual(pkcs8);
    await expect(openKeyFile(file, "another password")).rejects.toThrow("error-file-password");
    await expect(openKeyFile("no key", PASSWORD)).rejects.toThrow("error-file-format");
  });
});

describe("checkNewPassword", () => {
  it.each([
    ["", "", "error-password-missing"],
    ["elevenchars", "elevenchars", "error-password-short"],
    ["密碼密碼密碼密碼密碼密碼", "", "error-password-characters"],
    ["correct horse\u00a0battery", "", "error-password-characters"],
    ["correct horse", "correct house", "error-password-differs"],
  ])("refuses %j", (password, again, refusal) => {
    expect(() => checkNewPassword(password, again)).toThrow(refusal);
  });

  it("takes twelve printable ASCII characters", () => {
    expect(() => checkNewPassword(" ~!\"#$%&'()*", " ~!\"#$%&'()*")).not.toThrow();
  });
});
