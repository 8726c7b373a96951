import { Refusal } from "../refusal";

/** Shortest password for a key or a file. */
export const SHORTEST = 12;

/**
 * Refuses a new password for a key or a file unless it is printable ASCII (Java opens no PKCS#12 with another one), at least
 * SHORTEST characters long, and typed twice alike.
 */
export function checkNewPassword(password: string, again: string): void {
  if (password === "") throw new Refusal("error-password-missing");
  if (!/^[\x20-\x7e]*$/.test(password)) throw new Refusal("error-password-characters");
  if (password.length < SHORTEST) throw new Refusal("error-password-short", { count: SHORTEST });
  if (password !== again) throw new Refusal("error-password-differs");
}
