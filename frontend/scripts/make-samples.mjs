// Runs the bundle's own key, CSR, PKCS#8, PKCS#12 and CMS code in Node, so that other programs can judge what it writes.
// Reads a JSON list of jobs from standard input, writes the JSON list of their outcomes; octets travel as hexadecimal.
//   {"act": "generate", "keyType": "p256", "password": "…"}           -> {pkcs8, csr, spkiSha256, keyFile}
//   {"act": "write", "form": "modern", "pkcs8", "leaf", "chain": [], "friendlyName", "password"} -> {file}
//   {"act": "read", "file", "password", "certificate"?}               -> {keys, certificates, matches} or {refusal}
//   {"act": "renew", "order", "old": [], "requests": [], "nonce": {nonce, time}, "pkcs8", "signer"} -> {statement, message}
//   {"act": "open-key", "file", "password"}                           -> {keys} or {refusal}
import { build } from "esbuild";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = await mkdtemp(join(tmpdir(), "sigillum-samples-"));
try {
  const outfile = join(folder, "samples.mjs");
  await build({
    absWorkingDir: here,
    stdin: {
      contents: `
        export { signedData } from "./src/cms/sign";
        export { renewalStatement } from "./src/cms/statement";
        export { importPrivateKey } from "./src/keys/algorithms";
        export { generateKey } from "./src/keys/generate";
        export { encryptedKeyFile, openKeyFile } from "./src/keys/pkcs8";
        export { keyMatchesCertificate } from "./src/keys/match";
        export { toPem } from "./src/der/pem";
        export { FORMS, writePkcs12 } from "./src/pkcs12/write";
        export { readPkcs12 } from "./src/pkcs12/read";
        export { Refusal } from "./src/refusal";`,
      resolveDir: here,
      loader: "ts",
    },
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    outfile,
  });
  const code = await import(pathToFileURL(outfile).href);
  const hex = (octets) => Buffer.from(octets).toString("hex");
  const octets = (digits) => Uint8Array.from(Buffer.from(digits, "hex"));

  const acts = {
    async generate({ keyType, password }) {
      const key = await code.generateKey(keyType);
      return {
        pkcs8: hex(key.pkcs8),
        csr: code.toPem("CERTIFICATE REQUEST", key.csr),
        spkiSha256: key.spkiSha256,
        keyFile: await code.encryptedKeyFile(key.pkcs8, password),
      };
    },
    async write({ form, pkcs8, leaf, chain, friendlyName, password }) {
      const backup = { pkcs8: octets(pkcs8), leaf: octets(leaf), chain: chain.map(octets), friendlyName };
      return { file: hex(await code.writePkcs12(backup, password, code.FORMS[form])) };
    },
    async read({ file, password, certificate }) {
      const opened = await code.readPkcs12(octets(file), password);
      const matches = certificate
        ? await Promise.all(opened.keys.map((key) => code.keyMatchesCertificate(key, octets(certificate))))
        : [];
      return { keys: opened.keys.map(hex), certificates: opened.certificates.map(hex), matches };
    },
    async renew({ order, old, requests, nonce, pkcs8, signer }) {
      const renewal = { order, old: old.map(octets), requests: requests.map(octets) };
      const statement = await code.renewalStatement(renewal, nonce);
      const key = await code.importPrivateKey(octets(pkcs8));
      const message = await code.signedData(statement, { key, certificate: octets(signer) }, new Date(nonce.time));
      return { statement: hex(statement), message: hex(message) };
    },
    async "open-key"({ file, password }) {
      return { keys: [hex(await code.openKeyFile(file, password))] };
    },
  };

  const outcomes = [];
  for (const job of JSON.parse(await text(process.stdin))) {
    try {
      outcomes.push(await acts[job.act](job));
    } catch (error) {
      if (!(error instanceof code.Refusal)) throw error;
      outcomes.push({ refusal: error.key });
    }
  }
  process.stdout.write(JSON.stringify(outcomes));
} finally {
  await rm(folder, { recursive: true });
}
