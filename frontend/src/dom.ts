/** The element that `selector` finds inside `root`. Raises if there is none: page and script do not fit. */
export function find<T extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/** Every element that `selector` finds inside `root`. */
export function findAll<T extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): T[] {
  return Array.from(root.querySelectorAll<T>(selector));
}

/** An attribute that the page must have. */
export function attribute(element: HTMLElement, name: string): string {
  const value = element.getAttribute(name);
  if (value === null) throw new Error(`the page has no ${name}`);
  return value;
}

/** What was typed into the input that `selector` finds. */
export function typed(root: ParentNode, selector: string): string {
  return find<HTMLInputElement>(root, selector).value;
}

/** Empties the passwords of keys and files inside `root`: inputs without a name, which no form sends. */
export function forgetPasswords(root: ParentNode): void {
  for (const input of findAll<HTMLInputElement>(root, 'input[type="password"]:not([name])')) input.value = "";
}

/** Of the fieldsets that have `name`, shows the one whose value is `chosen`; the others are disabled, so that they send nothing. */
export function showPanel(root: ParentNode, name: string, chosen: string): void {
  for (const panel of findAll<HTMLFieldSetElement>(root, `fieldset[${name}]`)) {
    panel.hidden = panel.getAttribute(name) !== chosen;
    panel.disabled = panel.hidden;
  }
}
