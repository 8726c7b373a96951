import { Activity } from "../activity";
import { attribute, find, findAll, forgetPasswords, typed } from "../dom";
import { asText, chosenFile, save } from "../files";
import { spkiSha256OfPrivateKey } from "../keys/match";
import { checkNewPassword } from "../keys/password";
import { encryptedKeyFile, openKeyFile } from "../keys/pkcs8";
import { type KeyRecord, keysOfOrder, recordId, storeKeys } from "../keys/store";
import { unwrapKey, wrapKey } from "../keys/wrap";
import { pause } from "../pause";
import { Refusal } from "../refusal";
import { text } from "../texts";
import { pendingFileName } from "./newkeys";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 5000;

interface Status {
  readonly state: string;
  readonly text: string;
  readonly next: string | null;
}

/** The page that follows an order until its certificates are there. */
export class OrderPage {
  private readonly order: string;
  private readonly words: HTMLElement;

  constructor(private readonly page: HTMLElement) {
    this.order = attribute(page, "data-order");
    this.words = find(page, "[data-status-words]");
  }

  /** Wires the tools for the pending key and follows the order. */
  async start(): Promise<void> {
    this.wire("save-pending", (form, activity) => this.savePending(form, activity));
    this.wire("load-pending", (form, activity) => this.loadPending(form, activity));
    if (this.page.hasAttribute("data-follow")) void this.follow(attribute(this.page, "data-status-url"));
    await this.showKeys();
  }

  private wire(tool: string, act: (form: HTMLFormElement, activity: Activity) => Promise<void>): void {
    const form = find<HTMLFormElement>(this.page, `form[data-tool="${tool}"]`);
    const activity = new Activity(form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void activity.run(find<HTMLButtonElement>(form, "[type=submit]"), () => act(form, activity));
    });
  }

  private async follow(address: string): Promise<void> {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.3, LONGEST_WAIT_MS)) {
      await pause(wait);
      try {
        const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" });
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        const status = (await answer.json()) as Status;
        this.words.textContent = status.text;
        if (status.state !== "placed" && status.state !== "signing") return this.goOn(status.next);
      } catch {
        this.words.textContent = text("error-network");
      }
    }
  }

  /** On to the next page, but never while a password is being typed or a file saved. */
  private goOn(next: string | null): void {
    const address = next ?? location.href;
    const link = find<HTMLAnchorElement>(this.page, "[data-continue]");
    link.href = address;
    link.hidden = false;
    find(this.page, "[data-status-bar]").hidden = true;
    if (!this.page.querySelector("details.tool[open]")) location.assign(address);
  }

  private async keys(): Promise<KeyRecord[]> {
    return (await keysOfOrder(this.order)).filter((record) => record.id === recordId(this.order, record.item));
  }

  private async showKeys(): Promise<void> {
    const words = find(this.page, "[data-key-state]");
    let records: KeyRecord[] = [];
    try {
      records = await this.keys();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      words.textContent = text(error.key);
      return;
    }
    words.textContent = text(records.length > 0 ? "key-here" : "key-not-here");
    find(this.page, "[data-save-pending]").hidden = records.length === 0;
    const choice = find<HTMLSelectElement>(this.page, "[data-pending-item]");
    choice.replaceChildren(...records.map((record) => new Option(this.title(record.item), record.item)));
    find(this.page, "[data-pending-choice]").hidden = records.length < 2;
  }

  private title(item: string): string {
    const element = findAll(this.page, "[data-item]").find((candidate) => candidate.dataset["item"] === item);
    return element?.dataset["title"] ?? item;
  }

  private async savePending(form: HTMLFormElement, activity: Activity): Promise<void> {
    const item = find<HTMLSelectElement>(form, "[data-pending-item]").value;
    const record = (await this.keys()).find((candidate) => candidate.item === item);
    if (!record) throw new Refusal("error-key-gone");
    const password = typed(form, "[data-key-password]");
    activity.say("unlocking-key");
    const pkcs8 = await unwrapKey(record, password, record);
    activity.say("writing-file");
    const name = pendingFileName(this.order, item);
    save(name, await encryptedKeyFile(pkcs8, password), "application/x-pem-file");
    pkcs8.fill(0);
    forgetPasswords(form);
    activity.done("pending-saved", { name });
  }

  private async loadPending(form: HTMLFormElement, activity: Activity): Promise<void> {
    const file = await chosenFile(form, "[data-file]");
    const password = typed(form, "[data-file-password]");
    // The file's password becomes the key password here, so it must be one.
    checkNewPassword(password, password);
    activity.say("reading-file");
    const pkcs8 = await openKeyFile(asText(file), password);
    const spkiSha256 = await spkiSha256OfPrivateKey(pkcs8);
    const binding = { order: this.order, spkiSha256 };
    const item = this.itemOf(spkiSha256);
    activity.say("protecting-key");
    const wrapped = await wrapKey(pkcs8, password, binding);
    pkcs8.fill(0);
    const record = { id: recordId(this.order, item), item, csr: new Uint8Array(), createdAt: new Date().toISOString(), backupChecked: "" };
    await storeKeys([{ ...record, ...binding, ...wrapped }]);
    forgetPasswords(form);
    activity.done("pending-loaded");
    await this.showKeys();
  }

  /** The item whose request has this public key. Refuses the key of another order. */
  private itemOf(spkiSha256: string): string {
    const element = findAll(this.page, "[data-item]").find((candidate) => candidate.dataset["spki"] === spkiSha256);
    if (!element) throw new Refusal("error-key-other-order");
    return attribute(element, "data-item");
  }
}
