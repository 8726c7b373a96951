import { bytes, type Bytes } from "./bytes";

/** `octets` in base64 (RFC 4648, 4), in one line. */
export function base64(octets: Uint8Array): string {
  let binary = "";
  for (const octet of octets) binary += String.fromCharCode(octet);
  return btoa(binary);
}

/** `der` as PEM with lines of 64 characters (RFC 7468). */
export function toPem(label: string, der: Uint8Array): string {
  const lines = base64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** Every block called `label` in `text`; text around the blocks is passed over (RFC 7468, 2). */
export function fromPem(label: string, text: string): Bytes[] {
  const block = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]*)-----END ${label}-----`, "g");
  return Array.from(text.matchAll(block), (match) => {
    const binary = atob((match[1] ?? "").replace(/\s+/g, ""));
    return bytes(Array.from(binary, (character) => character.charCodeAt(0)));
  });
}
