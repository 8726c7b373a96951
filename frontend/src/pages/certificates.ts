import { Activity } from "../activity";
import type { Bytes } from "../der/bytes";
import { fromPem } from "../der/pem";
import { attribute, find, findAll, forgetPasswords, typed } from "../dom";
import { chosenFile, save } from "../files";
import { keyFromFile } from "../keys/backup";
import { requireMatch } from "../keys/match";
import { checkNewPassword } from "../keys/password";
import { deleteKey, type KeyRecord, keyByPublicKey, markBackupChecked, recordId, storeKeys } from "../keys/store";
import { unwrapKey, wrapKey } from "../keys/wrap";
import { FORMS, writePkcs12 } from "../pkcs12/write";
import { Refusal } from "../refusal";
import { text, type TextKey } from "../texts";

/** One certificate of the reader with the tools for its key: see templates/certificates/_key_tools.html. */
export class CertificateTools {
  private readonly certificate: Bytes;
  private readonly chain: readonly Bytes[];
  private readonly spkiSha256: string;
  private record: KeyRecord | null = null;

  constructor(private readonly root: HTMLElement) {
    const [certificate] = fromPem("CERTIFICATE", attribute(root, "data-pem"));
    if (!certificate) throw new Error("the page has no certificate");
    this.certificate = certificate;
    this.chain = fromPem("CERTIFICATE", attribute(root, "data-chain"));
    this.spkiSha256 = attribute(root, "data-spki");
  }

  /** Wires the tools and says whether the key is in this browser. */
  async start(): Promise<void> {
    this.wire("backup", (form, activity) => this.saveBackup(form, activity));
    this.wire("check", (form, activity) => this.checkBackup(form, activity));
    this.wire("restore", (form, activity) => this.restore(form, activity));
    this.wire("delete", () => this.delete());
    find(this.root, "[data-key-tools]").hidden = false;
    const dialog = find<HTMLDialogElement>(this.root, "dialog[data-delete-dialog]");
    find(this.root, "[data-delete-open]").addEventListener("click", () => dialog.showModal());
    find(dialog, "[data-delete-cancel]").addEventListener("click", () => dialog.close());
    await this.show();
  }

  private wire(tool: string, act: (form: HTMLFormElement, activity: Activity) => Promise<void>): void {
    const form = find<HTMLFormElement>(this.root, `form[data-tool="${tool}"]`);
    const activity = new Activity(find(this.root, `[data-tool-root="${tool}"]`));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void activity.run(find<HTMLButtonElement>(form, "[type=submit]"), async () => {
        await act(form, activity);
        forgetPasswords(form);
      });
    });
  }

  private tool(name: string): HTMLDetailsElement {
    return find<HTMLDetailsElement>(this.root, `[data-tool-root="${name}"]`);
  }

  private async show(): Promise<void> {
    const state = await this.look();
    find(this.root, "[data-key-state]").textContent = text(state);
    const checked = state === "key-here-checked";
    this.tool("backup").hidden = this.record === null;
    this.tool("restore").hidden = this.record !== null;
    find<HTMLButtonElement>(this.root, "[data-delete-open]").disabled = !checked;
    find(this.root, "[data-delete-reason]").hidden = checked;
    find(this.root, "[data-delete-section]").hidden = this.record === null;
  }

  /** Says above the tools what became of the key, as the tool that did it is no longer shown, and moves the focus there. */
  private tell(key: TextKey): void {
    const words = find(this.root, "[data-key-state]");
    words.textContent = text(key);
    words.focus();
  }

  /** Looks for the key in the store; the key of the words that say what was found. */
  private async look(): Promise<TextKey> {
    try {
      this.record = await keyByPublicKey(this.spkiSha256);
    } catch (error) {
      if (error instanceof Refusal) return error.key;
      throw error;
    }
    if (!this.record) return "key-not-here";
    return this.record.backupChecked === "" ? "key-here" : "key-here-checked";
  }

  private async saveBackup(form: HTMLFormElement, activity: Activity): Promise<void> {
    if (!this.record) throw new Refusal("error-key-gone");
    const password = typed(form, "[data-key-password]");
    const filePassword = newPassword(form) ?? password;
    const compatible = find<HTMLInputElement>(form, "[data-compatible]").checked;
    activity.say("unlocking-key");
    const pkcs8 = await unwrapKey(this.record, password, this.record);
    activity.say("comparing-key");
    await requireMatch(pkcs8, this.certificate);
    activity.say("writing-file");
    const backup = { pkcs8, leaf: this.certificate, chain: this.chain, friendlyName: attribute(this.root, "data-friendly-name") };
    const file = await writePkcs12(backup, filePassword, compatible ? FORMS.compatible : FORMS.modern);
    pkcs8.fill(0);
    const name = `certificate-${attribute(this.root, "data-certificate")}.p12`;
    save(name, file, "application/x-pkcs12");
    activity.done("file-saved", { name });
    this.tool("check").open = true;
  }

  private async checkBackup(form: HTMLFormElement, activity: Activity): Promise<void> {
    const file = await chosenFile(form, "[data-file]");
    activity.say("reading-file");
    const { pkcs8, isBackup } = await keyFromFile(file, typed(form, "[data-file-password]"), this.certificate);
    pkcs8.fill(0);
    if (!isBackup) throw new Refusal("error-file-no-backup");
    if (this.record) await markBackupChecked(this.record, new Date());
    await this.show();
    activity.done(this.record ? "backup-good-stored" : "backup-good");
  }

  private async restore(form: HTMLFormElement, activity: Activity): Promise<void> {
    const file = await chosenFile(form, "[data-file]");
    const filePassword = typed(form, "[data-file-password]");
    const password = newPassword(form) ?? filePassword;
    activity.say("reading-file");
    const { pkcs8, isBackup } = await keyFromFile(file, filePassword, this.certificate);
    // Only after the file is open: whoever mistypes its password should hear that, and nothing about rules for new ones.
    checkNewPassword(password, password);
    activity.say("protecting-key");
    const binding = { order: attribute(this.root, "data-order"), spkiSha256: this.spkiSha256 };
    const wrapped = await wrapKey(pkcs8, password, binding);
    pkcs8.fill(0);
    const item = attribute(this.root, "data-item");
    const now = new Date().toISOString();
    const record = { id: recordId(binding.order, item), item, csr: new Uint8Array(), createdAt: now, backupChecked: isBackup ? now : "" };
    await storeKeys([{ ...record, ...binding, ...wrapped }]);
    activity.done("restored");
    await this.show();
    this.tell(isBackup ? "restored" : "restored-pending");
  }

  private async delete(): Promise<void> {
    find<HTMLDialogElement>(this.root, "dialog[data-delete-dialog]").close();
    // Looked up again: another tab may have changed it.
    const record = await keyByPublicKey(this.spkiSha256);
    if (!record) throw new Refusal("error-key-gone");
    if (record.backupChecked === "") throw new Refusal("error-not-saved");
    await deleteKey(record.id);
    await this.show();
    this.tell("deleted");
  }
}

/** The other password, typed twice, if the reader asked for one. Refuses one that is no password for a file. */
function newPassword(form: HTMLFormElement): string | null {
  if (!find<HTMLInputElement>(form, "[data-reveals]").checked) return null;
  const password = typed(form, "[data-new-password]");
  checkNewPassword(password, typed(form, "[data-new-password-again]"));
  return password;
}

/** The pages that show certificates with their tools. */
export async function startCertificates(page: HTMLElement): Promise<void> {
  const bundle = page.querySelector<HTMLFormElement>("form[data-bundle]");
  bundle?.addEventListener("submit", (event) => {
    const chosen = findAll<HTMLInputElement>(page, 'input[name="number"]').some((box) => box.checked);
    if (chosen) return;
    event.preventDefault();
    new Activity(bundle).refuse(new Refusal("none-selected"));
  });
  for (const root of findAll(page, "[data-certificate]")) await new CertificateTools(root).start();
}
