import type { Activity } from "../activity";
import type { Bytes } from "../der/bytes";
import { toPem } from "../der/pem";
import { attribute, find, findAll, forgetPasswords, showPanel, typed } from "../dom";
import { save } from "../files";
import { requestOf } from "../keys/csr";
import { generateKey, type NewKey } from "../keys/generate";
import { checkNewPassword } from "../keys/password";
import { encryptedKeyFile } from "../keys/pkcs8";
import { type KeyRecord, keysOfOrder, recordId, requireStore, storeKeys } from "../keys/store";
import { wrapKey } from "../keys/wrap";
import { ANSWER_MS, pause } from "../pause";
import { Refusal } from "../refusal";
import { text } from "../texts";

interface Item {
  readonly name: string;
  readonly title: string;
}

interface Made {
  readonly item: Item;
  readonly key: NewKey;
}

/** What becomes of the requests once their keys are safe. */
export type Send = (requests: readonly Bytes[]) => Promise<void>;

/**
 * The part of a form on which new keys are made and stored under the key password, or requests of the reader's own given: see
 * templates/certificates/_key_panel.html.
 */
export class NewKeys {
  private readonly items: readonly Item[];
  /** Requests of keys that already lie in this browser; empty if new keys are to be made. */
  private stored: readonly Bytes[] = [];
  private hasStore = true;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly order: string,
    private readonly activity: Activity,
  ) {
    this.items = findAll(form, "[data-item]").map((element) => ({
      name: attribute(element, "data-item"),
      title: attribute(element, "data-title"),
    }));
  }

  /** Wires the panel and looks for keys of this order in the store. */
  async start(): Promise<void> {
    const show = (): void => showPanel(this.form, "data-panel", this.own ? "own" : "browser");
    for (const choice of findAll(this.form, '[name="key_source"]')) choice.addEventListener("change", show);
    show();
    find(this.form, "[data-new-keys]").addEventListener("click", () => this.forgetStored());
    try {
      await requireStore();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.hasStore = false;
      find(this.form, "[data-no-store]").hidden = false;
      return;
    }
    await this.findStored();
  }

  /** Whether the reader brings requests of their own. */
  get own(): boolean {
    return find<HTMLInputElement>(this.form, '[name="key_source"]:checked, [name="key_source"][type="hidden"]').value === "own";
  }

  /** Whether keys are still to be made, so that a key password is needed. */
  get making(): boolean {
    return !this.own && this.stored.length === 0;
  }

  /** The new key password, typed twice. Refuses one that is no key password. */
  typedPassword(): string {
    const password = typed(this.form, "[data-key-password]");
    checkNewPassword(password, typed(this.form, "[data-key-password-again]"));
    return password;
  }

  /**
   * Hands the requests of the keys in this browser to `send`. Where there are none, makes keys first and stores them under
   * `password`; where nothing can be stored, `send` follows when the reader has saved the files and said so.
   */
  async request(password: string, send: Send): Promise<void> {
    if (this.stored.length > 0) return send(this.stored);
    const made = await this.make();
    const requests = made.map(({ key }) => key.csr);
    if (!this.hasStore) return this.offerFiles(made, password, send);
    await this.store(made, password);
    this.stored = requests;
    await send(requests);
  }

  /** The reader's own requests as DER, in the order in which the server reads them: pasted ones, then files. */
  async ownRequests(): Promise<Bytes[]> {
    const pasted = findAll<HTMLTextAreaElement>(this.form, 'textarea[name="csr"]').filter(({ value }) => value.trim() !== "");
    const files = findAll<HTMLInputElement>(this.form, 'input[name="csr_file"]').flatMap(({ files }) => [...(files ?? [])]);
    const given = [...pasted.map(({ value }) => new Blob([value])), ...files];
    if (given.length !== this.items.length) throw new Refusal("error-request-missing", { count: this.items.length });
    return Promise.all(given.map(requestOf));
  }

  /** Sends the form with these requests in it, and rests until the next page is there. */
  async send(requests: readonly Bytes[]): Promise<void> {
    const fields = requests.map((csr) => {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "csr";
      field.value = toPem("CERTIFICATE REQUEST", csr);
      return field;
    });
    find(this.form, "[data-requests]").replaceChildren(...fields);
    await sendForm(this.form, this.activity);
  }

  private async findStored(): Promise<void> {
    const records = new Map((await keysOfOrder(this.order)).map((record) => [record.id, record]));
    const requests = this.items.map((item) => records.get(recordId(this.order, item.name))?.csr);
    const stored = requests.filter((csr): csr is Bytes => csr !== undefined && csr.length > 0);
    if (stored.length !== this.items.length) return;
    this.stored = stored;
    find(this.form, "[data-stored]").hidden = false;
    find(this.form, "[data-making]").hidden = true;
  }

  private forgetStored(): void {
    this.stored = [];
    find(this.form, "[data-stored]").hidden = true;
    find(this.form, "[data-making]").hidden = false;
    find(this.form, "[data-key-type]").focus();
  }

  private async make(): Promise<Made[]> {
    const keyType = typed(this.form, "[data-key-type]");
    const made: Made[] = [];
    for (const item of this.items) {
      this.activity.say("making-key", { title: item.title, number: made.length + 1, count: this.items.length });
      made.push({ item, key: await generateKey(keyType) });
    }
    return made;
  }

  /** Wraps every key and stores all of them at once; the request is sent only after this. */
  private async store(made: readonly Made[], password: string): Promise<void> {
    this.activity.say("protecting-key");
    const createdAt = new Date().toISOString();
    const records: KeyRecord[] = [];
    for (const { item, key } of made) {
      const binding = { order: this.order, spkiSha256: key.spkiSha256 };
      const wrapped = await wrapKey(key.pkcs8, password, binding);
      key.pkcs8.fill(0);
      const id = recordId(this.order, item.name);
      records.push({ id, item: item.name, csr: key.csr, createdAt, backupChecked: "", ...binding, ...wrapped });
    }
    this.activity.say("storing-key");
    await storeKeys(records);
  }

  /** Where nothing can be stored, the keys go into encrypted files at once, and the request waits until they are saved. */
  private async offerFiles(made: readonly Made[], password: string, send: Send): Promise<void> {
    this.activity.say("protecting-key");
    const list = find(this.form, "[data-key-files]");
    list.replaceChildren();
    for (const { item, key } of made) {
      const file = await encryptedKeyFile(key.pkcs8, password);
      key.pkcs8.fill(0);
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-outline-primary";
      button.textContent = text("save-key-of", { title: item.title });
      button.addEventListener("click", () => save(pendingFileName(this.order, item.name), file, "application/x-pem-file"));
      list.append(button);
    }
    this.activity.done("keys-in-files");
    find(this.form, "[data-making]").hidden = true;
    find(this.form, "[data-key-submit]").hidden = true;
    const panel = find(this.form, "[data-save-files]");
    panel.hidden = false;
    panel.focus();
    const button = find<HTMLButtonElement>(panel, "[data-send]");
    button.onclick = () =>
      void this.activity.run(button, async () => {
        if (!find<HTMLInputElement>(panel, "[data-saved]").checked) throw new Refusal("error-not-saved");
        await send(made.map(({ key }) => key.csr));
      });
  }
}

/** Sends the form as it stands, without the passwords of keys, and rests until the next page is there. */
export async function sendForm(form: HTMLFormElement, activity: Activity): Promise<void> {
  activity.say("sending");
  forgetPasswords(form);
  // submit() and not requestSubmit(): the submit event has been dealt with.
  form.submit();
  await pause(ANSWER_MS);
}

/** File name of a key whose certificate has not come yet. */
export function pendingFileName(order: string, item: string): string {
  return `pending-key-${order.slice(0, 8)}-${item}.pem`;
}
