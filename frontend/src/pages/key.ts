import { Activity } from "../activity";
import { attribute, find } from "../dom";
import { NewKeys, sendForm } from "./newkeys";

/** The page on which the keys of a first certificate are made and requested. */
export class KeyPage {
  private readonly form: HTMLFormElement;
  private readonly activity: Activity;
  private readonly keys: NewKeys;

  constructor(page: HTMLElement) {
    this.form = find<HTMLFormElement>(page, "form[data-key-form]");
    this.activity = new Activity(this.form);
    this.keys = new NewKeys(this.form, attribute(page, "data-order"), this.activity);
  }

  /** Wires the page. */
  async start(): Promise<void> {
    const button = find<HTMLButtonElement>(this.form, "[data-key-submit]");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.activity.run(button, () => this.submit());
    });
    await this.keys.start();
  }

  private async submit(): Promise<void> {
    if (this.keys.own) return sendForm(this.form, this.activity);
    const password = this.keys.making ? this.keys.typedPassword() : "";
    await this.keys.request(password, (requests) => this.keys.send(requests));
  }
}
