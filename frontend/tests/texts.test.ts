import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TEXT_KEYS } from "../src/texts";

const ROOT = join(import.meta.dirname, "..", "..");
const template = readFileSync(join(ROOT, "templates", "certificates", "_texts.html"), "utf8");
const words = new Map(Array.from(template.matchAll(/data-text-([a-z0-9-]+)="\{% translate "([^"]+)" %\}"/g), (match) => [match[1], match[2]]));

function source(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return source(path);
      return entry.name === "texts.ts" ? "" : readFileSync(path, "utf8");
    })
    .join("\n");
}

describe("texts", () => {
  it("stand in the template, each once, and none besides", () => {
    expect([...words.keys()].sort()).toEqual([...TEXT_KEYS].sort());
  });

  it("are all shown by some script", () => {
    const code = source(join(import.meta.dirname, "..", "src"));
    expect(TEXT_KEYS.filter((key) => !code.includes(`"${key}"`))).toEqual([]);
  });
});
