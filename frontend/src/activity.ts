import { find } from "./dom";
import { Refusal } from "./refusal";
import { text, type TextKey, type TextValues } from "./texts";

/** Progress, outcome and refusal of the work behind one form: see templates/certificates/_progress.html. */
export class Activity {
  private readonly words: HTMLElement;
  private readonly bar: HTMLProgressElement;
  private readonly refusal: HTMLElement;
  private running = false;

  constructor(root: ParentNode) {
    this.words = find(root, "[data-progress-words]");
    this.bar = find<HTMLProgressElement>(root, "[data-progress-bar]");
    this.refusal = find(root, "[data-refusal]");
  }

  /** Says what is being done; `share` from 0 to 1 where it is known. */
  say(key: TextKey, values: TextValues = {}, share: number | null = null): void {
    this.show(text(key, values));
    this.bar.hidden = false;
    if (share === null) this.bar.removeAttribute("value");
    else this.bar.value = share;
  }

  /** Says what was done. */
  done(key: TextKey, values: TextValues = {}): void {
    this.show(text(key, values));
    this.bar.hidden = true;
  }

  /** Says why it was not done, and moves the focus there. */
  refuse(error: unknown): void {
    this.show("");
    this.bar.hidden = true;
    const refusal = error instanceof Refusal ? error : new Refusal("error-unexpected");
    if (refusal !== error) console.error(error);
    this.refusal.textContent = text(refusal.key, refusal.values);
    this.refusal.hidden = false;
    this.refusal.focus();
  }

  /** Does `act` once at a time, however often the button is pressed, and shows a refusal. True if it came to its end. */
  async run(button: HTMLButtonElement, act: () => Promise<void>): Promise<boolean> {
    if (this.running) return false;
    this.running = true;
    this.refusal.hidden = true;
    this.refusal.textContent = "";
    // aria-disabled instead of disabled: the focus stays on the button.
    button.setAttribute("aria-disabled", "true");
    try {
      await act();
      return true;
    } catch (error) {
      this.refuse(error);
      return false;
    } finally {
      button.removeAttribute("aria-disabled");
      this.running = false;
    }
  }

  private show(words: string): void {
    // Equal words are not written again: a screen reader would read them again.
    if (this.words.textContent !== words) this.words.textContent = words;
  }
}
