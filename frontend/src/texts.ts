/** Every text the scripts show. The words stand in templates/certificates/_texts.html as data-text-<key>. */
export const TEXT_KEYS = [
  // Progress.
  "making-key",
  "protecting-key",
  "storing-key",
  "sending",
  "unlocking-key",
  "comparing-key",
  "writing-file",
  "reading-file",
  "signing",
  "asking-server",
  "work-running",
  // Outcomes.
  "work-done",
  "captcha-new",
  "key-here",
  "key-here-checked",
  "key-not-here",
  "old-key-here",
  "old-key-not-here",
  "keys-in-files",
  "save-key-of",
  "file-saved",
  "pending-saved",
  "pending-loaded",
  "backup-good",
  "backup-good-stored",
  "restored",
  "restored-pending",
  "deleted",
  // Refusals: what happened, and what to do next.
  "none-selected",
  "error-unexpected",
  "error-no-crypto",
  "error-no-store",
  "error-store-full",
  "error-generate",
  "error-password-missing",
  "error-password-short",
  "error-password-characters",
  "error-password-differs",
  "error-password-wrong",
  "error-password-same",
  "error-file-missing",
  "error-file-large",
  "error-file-format",
  "error-file-password",
  "error-file-iterations",
  "error-file-algorithm",
  "error-file-no-key",
  "error-file-no-backup",
  "error-file-certificate",
  "error-key-mismatch",
  "error-key-kind",
  "error-key-gone",
  "error-key-other-order",
  "error-old-key-gone",
  "error-not-saved",
  "error-request-missing",
  "error-request-format",
  "error-request-private",
  "error-agreement",
  "error-phrase-missing",
  "error-no-answer",
  "error-signed-out",
  "error-renewal-over",
  "error-too-often",
  "error-network",
  "error-captcha",
  "error-sound",
] as const;

export type TextKey = (typeof TEXT_KEYS)[number];
export type TextValues = Readonly<Record<string, string | number>>;

/** The words for `key` in the page's language; `{name}` in them is replaced by `values.name`. Raises if the page lacks them. */
export function text(key: TextKey, values: TextValues = {}): string {
  const words = document.getElementById("texts")?.getAttribute(`data-text-${key}`);
  // A page without its texts is a fault of the page: better seen at once than an empty line for the reader.
  if (!words) throw new Error(`the page has no text "${key}"`);
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
