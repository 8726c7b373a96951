import { type Bytes, bytes } from "./der/bytes";
import { find } from "./dom";
import { LARGEST_FILE } from "./pkcs12/read";
import { Refusal } from "./refusal";

const KEEP_MS = 60_000;

/** Lets the browser save `content` under `name`, as if it were downloaded. */
export function save(name: string, content: Bytes | string, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // Some browsers read the blob only after the reader has chosen a folder.
  setTimeout(() => URL.revokeObjectURL(address), KEEP_MS);
}

/** Octets of the file chosen in the input that `selector` finds. Refuses none and one that is too large. */
export async function chosenFile(root: ParentNode, selector: string): Promise<Bytes> {
  const file = find<HTMLInputElement>(root, selector).files?.[0];
  if (!file) throw new Refusal("error-file-missing");
  if (file.size > LARGEST_FILE) throw new Refusal("error-file-large");
  return bytes(await file.arrayBuffer());
}

/** `octets` as text, if they are text. */
export function asText(octets: Bytes): string {
  return new TextDecoder("utf-8", { fatal: false }).decode(octets);
}
