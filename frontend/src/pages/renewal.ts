import { Activity } from "../activity";
import { signedData } from "../cms/sign";
import { type Nonce, renewalStatement } from "../cms/statement";
import type { Bytes } from "../der/bytes";
import { base64, fromPem } from "../der/pem";
import { attribute, find, findAll, showPanel, typed } from "../dom";
import { chosenFile } from "../files";
import { importPrivateKey } from "../keys/algorithms";
import { privateKeyFromFile } from "../keys/backup";
import { checkNewPassword } from "../keys/password";
import { keyByPublicKey } from "../keys/store";
import { unwrapKey } from "../keys/wrap";
import { Refusal } from "../refusal";
import { text } from "../texts";
import { NewKeys, sendForm } from "./newkeys";

/** The old signing key, opened: the script holds it only in a form that cannot be read out. */
interface OldKey {
  readonly key: CryptoKey;
  readonly password: string;
}

/** The page on which certificates are renewed: new keys, and the proof that their holder wants it. */
export class RenewalPage {
  private readonly form: HTMLFormElement;
  private readonly activity: Activity;
  private readonly keys: NewKeys;
  private readonly order: string;

  constructor(private readonly page: HTMLElement) {
    this.form = find<HTMLFormElement>(page, "form[data-key-form]");
    this.activity = new Activity(this.form);
    this.order = attribute(page, "data-order");
    this.keys = new NewKeys(this.form, this.order, this.activity);
  }

  /** Wires the page and chooses the proof that asks least of the reader. */
  async start(): Promise<void> {
    const button = find<HTMLButtonElement>(this.form, "[data-key-submit]");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.activity.run(button, () => this.submit());
    });
    for (const choice of findAll(this.form, "[data-proof]")) choice.addEventListener("change", () => this.showProof());
    this.form.querySelector("[data-same-password]")?.addEventListener("change", () => this.showProof());
    await this.keys.start();
    if (this.form.querySelector("[data-signer]")) await this.findOldKey();
    this.showProof();
  }

  /** "here" (the old key in this browser), "file" (its backup) or "phrase". */
  private get proof(): string {
    const chosen = find(this.form, '[data-proof]:checked, [data-proof][type="hidden"]');
    return attribute(chosen, "data-proof");
  }

  /** The old signing certificate, as DER. */
  private get signer(): Bytes {
    return certificateOf(find(this.form, "[data-signer]"));
  }

  /** Whether the new key gets the password of the old one. */
  private get samePassword(): boolean {
    const box = this.form.querySelector<HTMLInputElement>("[data-same-password]");
    return box !== null && box.checked && this.proof !== "phrase";
  }

  /** Offers the key in this browser where there is one; else the page says where it is not. */
  private async findOldKey(): Promise<void> {
    const spki = attribute(find(this.form, "[data-signer]"), "data-spki");
    let isHere = false;
    try {
      isHere = (await keyByPublicKey(spki)) !== null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
    find(this.form, "[data-key-state]").textContent = text(isHere ? "old-key-here" : "old-key-not-here");
    for (const choice of findAll(this.form, "[data-proof-choice]")) {
      choice.hidden = choice.dataset["proofChoice"] === "here" && !isHere;
    }
    // Whoever was refused goes on with the kind of proof they chose.
    const kind = attribute(this.form, "data-proof-kind");
    const chosen = isHere && kind !== "phrase" ? "here" : kind === "signature" ? "file" : "phrase";
    find<HTMLInputElement>(this.form, `[data-proof="${chosen}"]`).checked = true;
  }

  private showProof(): void {
    showPanel(this.form, "data-proof-panel", this.proof);
    const same = this.form.querySelector<HTMLElement>("[data-same]");
    if (!same) return;
    same.hidden = this.proof === "phrase";
    find(this.form, "[data-new-password-fields]").hidden = this.samePassword;
  }

  private async submit(): Promise<void> {
    this.check();
    // Everything the reader typed is looked at before a key is made: a slip is then quickly put right.
    const typedPassword = this.keys.making && !this.samePassword ? this.keys.typedPassword() : "";
    const old = this.proof === "phrase" ? null : await this.openOldKey();
    if (this.keys.own) return this.sendOwn(old);
    const password = this.keys.making && this.samePassword && old ? passwordForNew(old) : typedPassword;
    await this.keys.request(password, async (requests) => {
      await this.prove(old, requests);
      await this.keys.send(requests);
    });
  }

  /** What the server would refuse too, but after the keys were made. */
  private check(): void {
    if (!find<HTMLInputElement>(this.form, 'input[name="accept"]').checked) throw new Refusal("error-agreement");
    if (this.proof === "phrase" && typed(this.form, 'input[name="phrase"]').trim() === "") throw new Refusal("error-phrase-missing");
  }

  private async sendOwn(old: OldKey | null): Promise<void> {
    // Only a signature needs to know the requests here; without one the server says what is wrong with them.
    if (old) await this.prove(old, await this.keys.ownRequests());
    await sendForm(this.form, this.activity);
  }

  private async openOldKey(): Promise<OldKey> {
    const [pkcs8, password] = this.proof === "here" ? await this.keyHere() : await this.keyFromFile();
    const key = await importPrivateKey(pkcs8);
    pkcs8.fill(0);
    return { key, password };
  }

  private async keyHere(): Promise<[Bytes, string]> {
    const password = typed(this.form, "[data-old-password]");
    const record = await keyByPublicKey(attribute(find(this.form, "[data-signer]"), "data-spki"));
    if (!record) throw new Refusal("error-old-key-gone");
    this.activity.say("unlocking-key");
    return [await unwrapKey(record, password, record), password];
  }

  private async keyFromFile(): Promise<[Bytes, string]> {
    const file = await chosenFile(this.form, "[data-file]");
    const password = typed(this.form, "[data-file-password]");
    this.activity.say("reading-file");
    return [await privateKeyFromFile(file, password, this.signer), password];
  }

  /** Signs which certificates are renewed with which requests, and puts the proof into the form. */
  private async prove(old: OldKey | null, requests: readonly Bytes[]): Promise<void> {
    const field = find<HTMLInputElement>(this.form, 'input[name="proof"]');
    field.value = "";
    if (!old) return;
    this.activity.say("signing");
    // Fetched last, as it is good for some minutes only: making keys and saving files may have taken longer.
    const nonce = await freshNonce(attribute(this.page, "data-nonce-url"), typed(this.form, '[name="csrfmiddlewaretoken"]'));
    const certificates = findAll(this.page, "[data-old]").map(certificateOf);
    const statement = await renewalStatement({ order: this.order, old: certificates, requests }, nonce);
    const signer = { key: old.key, certificate: this.signer };
    field.value = base64(await signedData(statement, signer, new Date(nonce.time)));
  }
}

function certificateOf(element: HTMLElement): Bytes {
  const [certificate] = fromPem("CERTIFICATE", attribute(element, "data-pem"));
  if (!certificate) throw new Error("the page has no certificate");
  return certificate;
}

/** The old key's password for the new one as well. It was right a moment ago, so nobody needs to type it twice. */
function passwordForNew({ password }: OldKey): string {
  try {
    checkNewPassword(password, password);
  } catch {
    throw new Refusal("error-password-same");
  }
  return password;
}

/** A nonce of the server for one proof. Refuses in words that say why there was none. */
async function freshNonce(address: string, token: string): Promise<Nonce> {
  let answer: Response;
  try {
    answer = await fetch(address, { method: "POST", headers: { Accept: "application/json", "X-CSRFToken": token }, cache: "no-store" });
  } catch {
    throw new Refusal("error-no-answer");
  }
  // Whoever is signed out is led to the sign-in page; whoever signed in again has another token.
  if (answer.redirected || answer.status === 403) throw new Refusal("error-signed-out");
  if (answer.status === 404 || answer.status === 409) throw new Refusal("error-renewal-over");
  if (answer.status === 429) throw new Refusal("error-too-often");
  if (!answer.ok) throw new Refusal("error-no-answer");
  return (await answer.json()) as Nonce;
}
