// Builds static/app.js and static/app.css. The same input gives the same bytes on every machine:
// both files are committed, and the checks build them anew and compare.
import { transform, build } from "esbuild";
import { compile } from "sass";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = join(dirname(fileURLToPath(import.meta.url)), "..");
const out = process.argv[2] ?? join(here, "..", "static");

const style = compile(join(here, "scss", "app.scss"), {
  loadPaths: [join(here, "node_modules")],
  quietDeps: true,
  silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
});
// The content security policy allows no data: address, so none may slip in through a Bootstrap variable.
if (style.css.includes("data:")) throw new Error("app.css holds a data: address");
const css = await transform(style.css, { loader: "css", minify: true, target: ["chrome110", "firefox115", "safari16"] });

const script = await build({
  entryPoints: [join(here, "src", "app.ts")],
  absWorkingDir: here,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "none",
  write: false,
});

await mkdir(out, { recursive: true });
await writeFile(join(out, "app.css"), css.code);
await writeFile(join(out, "app.js"), script.outputFiles[0].contents);
