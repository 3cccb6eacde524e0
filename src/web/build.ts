// Bundles the page into `dist/`, beside this file: `deno task web`.
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL(".", import.meta.url));
const DIST = `${SOURCE}dist`;
/** The page, and what it loads into audio threads of their own. */
const ENTRIES = ["page.ts", "capture_worklet.ts", "playback_worklet.ts"];
const STATIC = ["index.html", "page.css", "icon.svg"];

/** Bundles the scripts and copies the rest. Throws when the bundler fails. */
async function build(): Promise<void> {
  await Deno.mkdir(DIST, { recursive: true });
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
  for (const file of STATIC) await Deno.copyFile(`${SOURCE}${file}`, `${DIST}/${file}`);
}

await build();
