import { attribute, find, findAll } from "../dom";
import { ANSWER_MS } from "../pause";

/** What every page has: menu, print and copy buttons, revealed fields, forms that are sent once. */
export function startEverywhere(): void {
  // The style sheet hides the menu on narrow screens only where this script can open it.
  document.documentElement.classList.add("has-script");
  for (const button of findAll<HTMLButtonElement>(document, "[data-menu-toggle]")) wireMenu(button);
  for (const button of findAll(document, "[data-print]")) button.addEventListener("click", () => print());
  for (const button of findAll(document, "[data-copy]")) button.addEventListener("click", () => void copy(button));
  for (const box of findAll<HTMLInputElement>(document, "input[data-reveals]")) wireReveal(box);
  for (const form of findAll<HTMLFormElement>(document, 'form[method="post"]:not([data-key-form])')) sendOnce(form);
  document.getElementById("error-summary")?.focus();
  // A page that comes back from the browser's memory may be out of date, such as an order that was sent meanwhile.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

function wireMenu(button: HTMLButtonElement): void {
  const menu = document.getElementById(attribute(button, "aria-controls"));
  if (!menu) return;
  const open = (isOpen: boolean): void => {
    button.setAttribute("aria-expanded", String(isOpen));
    menu.classList.toggle("is-open", isOpen);
  };
  button.addEventListener("click", (event) => {
    open(button.getAttribute("aria-expanded") !== "true");
    // Pressed with a key (no clicks are counted): the menu lies behind the rest of the header, so go there.
    if (event.detail === 0 && button.getAttribute("aria-expanded") === "true") menu.querySelector("a")?.focus();
  });
  for (const place of [button, menu]) {
    place.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || button.getAttribute("aria-expanded") !== "true") return;
      open(false);
      button.focus();
    });
  }
}

/** Copies the words of the element that `data-copy` names; the button's own words say so for a moment. */
async function copy(button: HTMLElement): Promise<void> {
  const source = find(document, attribute(button, "data-copy"));
  try {
    await navigator.clipboard.writeText(source.textContent?.trim() ?? "");
  } catch {
    // Without leave to write, the words are at least marked, for the reader to copy.
    getSelection()?.selectAllChildren(source);
    return;
  }
  const before = button.textContent;
  button.textContent = button.getAttribute("data-copied") ?? before;
  setTimeout(() => (button.textContent = before), 2000);
}

function wireReveal(box: HTMLInputElement): void {
  const target = document.getElementById(attribute(box, "data-reveals"));
  if (!target) return;
  const show = (): void => {
    target.hidden = !box.checked;
  };
  box.addEventListener("change", show);
  show();
}

/** A second press sends nothing until there was time for an answer. */
function sendOnce(form: HTMLFormElement): void {
  let sentAt = -Infinity;
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (performance.now() - sentAt < ANSWER_MS) event.preventDefault();
    else sentAt = performance.now();
  });
}
