// Bundles the page into `dist/`, beside this file: `deno task web`.
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL(".", import.meta.url));
const DIST = `${SOURCE}dist`;
/** The page, what it loads into audio threads of their own, and the reference. */
const ENTRIES = ["page.ts", "capture_worklet.ts", "playback_worklet.ts", "docs.ts"];
/** Where each file is copied to; those of `docs/` are served at `/docs`. */
const STATIC = {
  "index.html": "index.html",
  "page.css": "page.css",
  "icon.svg": "icon.svg",
  "docs.html": "docs/index.html",
  "docs.css": "docs.css",
};

/** Bundles the scripts and copies the rest. Throws when the bundler fails. */
async function build(): Promise<void> {
  await Deno.mkdir(`${DIST}/docs`, { recursive: true });
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform=browser",
      "--minify",
      "--sourcemap=linked",
      `--outdir=${DIST}`,
      ...ENTRIES.map((entry) => `${SOURCE}${entry}`),
    ],
  }).output();
  if (!success) throw new Error(`Cannot bundle the page: ${new TextDecoder().decode(stderr)}`);
  for (const [file, target] of Object.entries(STATIC)) {
    await Deno.copyFile(`${SOURCE}${file}`, `${DIST}/${target}`);
  }
}

await build();
