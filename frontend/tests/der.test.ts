import { describe, expect, it } from "vitest";
import { bytes, hex, utf8 } from "../src/der/bytes";
import { MalformedBer, normalize } from "../src/der/normalize";
import { fromPem, toPem } from "../src/der/pem";

function octets(digits: string): Uint8Array {
  return bytes((digits.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
}

describe("normalize", () => {
  it("leaves DER as it is", () => {
    expect(hex(normalize(octets("3006020103040100")))).toBe("3006020103040100");
  });

  it("joins split strings and gives definite lengths", () => {
    expect(hex(normalize(octets("3080248004014104014200000000")))).toBe("300404024142");
  });

  it("writes lengths of 128 and more in the long form", () => {
    const content = "00".repeat(200);
    expect(hex(normalize(octets(`04820 0c8${content}`.replace(" ", ""))))).toBe(`0481c8${content}`);
  });

  it.each([
    ["cut short", "30060201"],
    ["trailing octets", "050000"],
    ["indefinite primitive", "0480410000"],
    ["child crosses its parent's end", "3003040400"],
    ["length of five octets", "30850000000001"],
    ["foreign part in a string", "2403020100"],
    ["high tag number", "1f8101"],
    ["endless nesting", "3080".repeat(40)],
  ])("refuses: %s", (_name, digits) => {
    expect(() => normalize(octets(digits))).toThrow(MalformedBer);
  });
});

describe("PEM", () => {
  it("finds every block of its label and no other", () => {
    const text = `words ${toPem("A", utf8("one"))}${toPem("B", utf8("two"))}${toPem("A", utf8("three"))}`;
    expect(fromPem("A", text).map((block) => new TextDecoder().decode(block))).toEqual(["one", "three"]);
  });

  it("breaks lines after 64 characters", () => {
    expect(Math.max(...toPem("A", new Uint8Array(100)).split("\n").map((line) => line.length))).toBe(64);
  });
});
