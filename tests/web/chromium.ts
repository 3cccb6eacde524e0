import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** A page in a browser of its own. */
export interface BrowserPage extends AsyncDisposable {
  readonly page: Page;
  /** What the page threw or reported as an error. */
  readonly problems: readonly string[];
}

/** How a page is opened. */
export interface BrowserPageOptions extends BrowserContextOptions {
  /** What the microphone hears: a WAV file, once; a beeping tone without it. */
  readonly wav?: string;
  /** What the user answers when asked for the microphone; yes by default. */
  readonly microphone?: "refused";
}

/** Opens a page in a headless Chromium that has a microphone and needs no gesture to play sound. */
export async function openPage(
  url: string,
  options: BrowserPageOptions = {},
): Promise<BrowserPage> {
  const { wav, microphone, ...context } = options;
  const browser = await launch(wav, microphone !== "refused");
  const page = await browser.newPage(context);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(url);
  return { page, problems, [Symbol.asyncDispose]: () => browser.close() };
}

function launch(wav: string | undefined, allowMicrophone: boolean): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--use-fake-device-for-media-stream",
      ...allowMicrophone ? ["--use-fake-ui-for-media-stream"] : ["--deny-permission-prompts"],
      "--autoplay-policy=no-user-gesture-required",
      ...wav === undefined ? [] : [`--use-file-for-fake-audio-capture=${wav}%noloop`],
    ],
  });
}

/** Waits until the loudspeaker is as loud as wanted: 0 for silence to 1 for full scale. */
export async function outputLevel(page: Page, wanted: (level: number) => boolean): Promise<void> {
  const nextLevel = "new Promise((resolve) => requestAnimationFrame(() => " +
    "resolve(Number(document.body.dataset.outputLevel))))";
  while (!wanted(await page.evaluate(nextLevel))) {
    // each look waits for the next picture
  }
}
