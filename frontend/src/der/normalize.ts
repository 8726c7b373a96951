import { type Bytes, bytes, concat } from "./bytes";

const OCTET_STRING = 0x04;
const CONSTRUCTED = 0x20;
const DEPTH = 32;

/** The input is not BER: a tag or length points outside it, or it is nested too deeply. */
export class MalformedBer extends Error {}

/**
 * Rewrites BER as the schemas expect it: definite lengths, and strings of octets in one piece. Windows and Firefox write
 * PKCS#12 with indefinite lengths and split strings (X.690, 8.1.3.6 and 8.7.3). Raises MalformedBer.
 */
export function normalize(ber: Uint8Array): Bytes {
  const [der, end] = element(ber, 0, 0);
  if (end !== ber.length) throw new MalformedBer("trailing octets");
  return der;
}

/** `content` under `tag`, with the shortest definite length. */
function wrap(tag: number, content: Uint8Array): Bytes {
  if (content.length < 128) return concat(bytes([tag, content.length]), content);
  const length: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  return concat(bytes([tag, 0x80 | length.length, ...length]), content);
}

function octetAt(ber: Uint8Array, offset: number): number {
  const octet = ber[offset];
  if (octet === undefined) throw new MalformedBer("cut short");
  return octet;
}

/** Length that begins at `offset` (null: indefinite) and the offset after it. */
function lengthAt(ber: Uint8Array, offset: number): [number | null, number] {
  const first = octetAt(ber, offset);
  if (first < 0x80) return [first, offset + 1];
  const count = first & 0x7f;
  if (count === 0) return [null, offset + 1];
  if (count > 4) throw new MalformedBer("length too long");
  let length = 0;
  for (let index = 1; index <= count; index++) length = length * 256 + octetAt(ber, offset + index);
  return [length, offset + 1 + count];
}

function element(ber: Uint8Array, offset: number, depth: number): [Bytes, number] {
  const tag = octetAt(ber, offset);
  // No structure of PKCS#8, PKCS#12 or CMS has a tag number above 30.
  if ((tag & 0x1f) === 0x1f || depth > DEPTH) throw new MalformedBer("unexpected tag");
  const [length, start] = lengthAt(ber, offset + 1);
  if (length !== null && start + length > ber.length) throw new MalformedBer("cut short");
  if (!(tag & CONSTRUCTED)) {
    if (length === null) throw new MalformedBer("primitive without length");
    return [wrap(tag, ber.subarray(start, start + length)), start + length];
  }
  const [children, end] = elements(ber, start, length === null ? null : start + length, depth + 1);
  if (tag === (OCTET_STRING | CONSTRUCTED)) return [wrap(OCTET_STRING, concat(...children.map(octets))), end];
  return [wrap(tag, concat(...children)), end];
}

/** The elements from `offset` to `end`, or to the end-of-contents octets where `end` is null. */
function elements(ber: Uint8Array, offset: number, end: number | null, depth: number): [Bytes[], number] {
  const children: Bytes[] = [];
  let position = offset;
  while (end === null || position < end) {
    if (end === null && octetAt(ber, position) === 0 && octetAt(ber, position + 1) === 0) return [children, position + 2];
    const [child, next] = element(ber, position, depth);
    children.push(child);
    position = next;
  }
  if (end !== null && position !== end) throw new MalformedBer("element crosses its parent's end");
  return [children, position];
}

/** Contents of a primitive OCTET STRING that `element` wrote. */
function octets(der: Uint8Array): Uint8Array {
  if (octetAt(der, 0) !== OCTET_STRING) throw new MalformedBer("foreign part in a string");
  return der.subarray(lengthAt(der, 1)[1]);
}
