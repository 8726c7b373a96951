import { Activity } from "../activity";
import type { Bytes } from "../der/bytes";
import { toPem } from "../der/pem";
import { attribute, find, findAll, forgetPasswords, typed } from "../dom";
import { save } from "../files";
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

/** The page on which keys are made, stored under the key password, and requested. */
export class KeyPage {
  private readonly form: HTMLFormElement;
  private readonly button: HTMLButtonElement;
  private readonly activity: Activity;
  private readonly order: string;
  private readonly items: readonly Item[];
  /** Requests of keys that already lie in this browser; empty if new keys are to be made. */
  private stored: readonly Bytes[] = [];
  private hasStore = true;
  private sentAt = -Infinity;

  constructor(page: HTMLElement) {
    this.form = find<HTMLFormElement>(page, "form[data-key-form]");
    this.button = find<HTMLButtonElement>(this.form, "[data-key-submit]");
    this.activity = new Activity(this.form);
    this.order = attribute(page, "data-order");
    this.items = findAll(page, "[data-item]").map((element) => ({
      name: attribute(element, "data-item"),
      title: attribute(element, "data-title"),
    }));
  }

  /** Wires the page and looks for keys of this order in the store. */
  async start(): Promise<void> {
    this.form.addEventListener("submit", (event) => this.submit(event));
    for (const choice of findAll(this.form, '[name="key_source"]')) choice.addEventListener("change", () => this.showPanels());
    this.showPanels();
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

  private ownRequest(): boolean {
    return find<HTMLInputElement>(this.form, '[name="key_source"]:checked, [name="key_source"][type="hidden"]').value === "own";
  }

  /** Shows the panel of the chosen source; a disabled fieldset sends nothing. */
  private showPanels(): void {
    const own = this.ownRequest();
    for (const panel of findAll<HTMLFieldSetElement>(this.form, "fieldset[data-panel]")) {
      const shown = (panel.dataset["panel"] === "own") === own;
      panel.hidden = !shown;
      panel.disabled = !shown;
    }
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

  private submit(event: SubmitEvent): void {
    if (this.ownRequest()) {
      if (performance.now() - this.sentAt < ANSWER_MS) event.preventDefault();
      else this.sentAt = performance.now();
      return;
    }
    event.preventDefault();
    void this.activity.run(this.button, async () => {
      if (this.stored.length > 0) return this.send(this.stored);
      const password = typed(this.form, "[data-key-password]");
      checkNewPassword(password, typed(this.form, "[data-key-password-again]"));
      const made = await this.make();
      const requests = made.map(({ key }) => key.csr);
      if (!this.hasStore) return this.offerFiles(made, password);
      await this.store(made, password);
      this.stored = requests;
      await this.send(requests);
    });
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
  private async offerFiles(made: readonly Made[], password: string): Promise<void> {
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
    this.button.hidden = true;
    const panel = find(this.form, "[data-save-files]");
    panel.hidden = false;
    panel.focus();
    const button = find<HTMLButtonElement>(panel, "[data-send]");
    button.onclick = () =>
      void this.activity.run(button, async () => {
        if (!find<HTMLInputElement>(panel, "[data-saved]").checked) throw new Refusal("error-not-saved");
        await this.send(made.map(({ key }) => key.csr));
      });
  }

  private async send(requests: readonly Bytes[]): Promise<void> {
    this.activity.say("sending");
    forgetPasswords(this.form);
    const fields = requests.map((csr) => {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "csr";
      field.value = toPem("CERTIFICATE REQUEST", csr);
      return field;
    });
    find(this.form, "[data-requests]").replaceChildren(...fields);
    // submit() and not requestSubmit(): the submit event has been dealt with.
    this.form.submit();
    // The button rests until the next page is there.
    await pause(ANSWER_MS);
  }
}

/** File name of a key whose certificate has not come yet. */
export function pendingFileName(order: string, item: string): string {
  return `pending-key-${order.slice(0, 8)}-${item}.pem`;
}
