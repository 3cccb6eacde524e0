/**
 * What this project calls of `@std/http/file-server`, with the same signatures and behaviour, for machines that
 * do not reach JSR. Deleting `links` from deno.json switches to the real package.
 *
 * @module
 */
import { join, normalize } from "node:path/posix";
import { limitBytes, parseRange } from "./byte_range.ts";
import { contentType } from "./content_type.ts";

/** Options for {@linkcode serveFile}. */
export interface ServeFileOptions {
  /** What `Deno.stat` says of the file, where it is known already. */
  fileInfo?: Deno.FileInfo;
}

/** Options for {@linkcode serveDir}. */
export interface ServeDirOptions {
  /** Folder whose files are served. The current one by default. */
  fsRoot?: string;
  /** Beginning of the URL's path that stands for the folder, without slashes around it. */
  urlRoot?: string;
  /** Whether not to log each request. False by default. */
  quiet?: boolean;
  /** Headers of every response but redirects, each as `"name: value"`. */
  headers?: string[];
}

/**
 * Answers a request with a file. The answer carries a type, a length, a date and an ETag; what the client has
 * already is answered with 304, a range with 206, a range outside the file with 416. A folder, or nothing at
 * all, is 404.
 */
export async function serveFile(
  req: Request,
  filePath: string,
  options: ServeFileOptions = {},
): Promise<Response> {
  if (req.method !== "GET" && req.method !== "HEAD") return methodNotAllowed();
  const info = options.fileInfo ?? await statFile(filePath);
  if (!info?.isFile) return status(404, "Not Found");

  const headers = new Headers({ "accept-ranges": "bytes" });
  if (info.mtime) {
    headers.set("last-modified", info.mtime.toUTCString());
    headers.set("etag", `W/"${info.size.toString(16)}-${info.mtime.getTime().toString(16)}"`);
    if (isFresh(req, headers)) return new Response(null, { status: 304, headers });
  }

  const range = parseRange(req.headers.get("range"), info.size);
  if (range === "unsatisfiable") {
    headers.set("content-range", `bytes */${info.size}`);
    return status(416, "Range Not Satisfiable", headers);
  }

  const { start, end } = range ?? { start: 0, end: info.size - 1 };
  const length = end - start + 1;
  const type = contentType(filePath);
  if (type) headers.set("content-type", type);
  headers.set("content-length", `${length}`);
  if (range) headers.set("content-range", `bytes ${start}-${end}/${info.size}`);
  const init = { status: range ? 206 : 200, headers };
  if (req.method === "HEAD") return new Response(null, init);

  const file = await Deno.open(filePath);
  if (!range) return new Response(file.readable, init);
  await file.seek(start, Deno.SeekMode.Start);
  return new Response(file.readable.pipeThrough(limitBytes(length)), init);
}

/**
 * Answers a request with a file of a folder, as {@linkcode serveFile} does. A folder within it is answered with
 * its `index.html`. Nothing outside the folder can be reached, but through links that lie in it.
 */
export async function serveDir(req: Request, opts: ServeDirOptions = {}): Promise<Response> {
  let response: Response;
  try {
    response = await answer(req, opts);
  } catch (error) {
    // deno-lint-ignore no-console
    if (!opts.quiet) console.error(error instanceof Error ? error.message : `${error}`);
    response = fallback(error);
  }

  if (!opts.quiet) {
    // deno-lint-ignore no-console
    console.debug(`[${req.method}] ${new URL(req.url).pathname} ${response.status}`);
  }
  if (response.status === 301) return response;
  for (const header of opts.headers ?? []) {
    const colon = header.indexOf(":");
    response.headers.append(header.slice(0, colon), header.slice(colon + 1));
  }
  return response;
}

async function answer(
  req: Request,
  { fsRoot = ".", urlRoot }: ServeDirOptions,
): Promise<Response> {
  if (req.method !== "GET" && req.method !== "HEAD") return methodNotAllowed();
  const url = new URL(req.url);
  const asked = decodeURIComponent(url.pathname);
  const path = normalize(asked);
  const root = urlRoot ? `/${urlRoot}` : "";
  if (path !== root && !path.startsWith(`${root}/`)) return status(404, "Not Found");
  if (path.includes("\0")) return status(400, "Bad Request");
  if (path !== asked) return redirect(url, path);

  const filePath = join(fsRoot, path.slice(root.length).replace(/\/$/, ""));
  const info = await Deno.stat(filePath);
  if (info.isFile && path.endsWith("/")) return redirect(url, path.slice(0, -1));
  if (info.isFile) return await serveFile(req, filePath, { fileInfo: info });
  if (!path.endsWith("/")) return redirect(url, `${path}/`);
  return await serveFile(req, join(filePath, "index.html"));
}

/** Whether the client has what the headers describe. An ETag outweighs a date. */
function isFresh(req: Request, headers: Headers): boolean {
  const known = req.headers.get("if-none-match");
  if (known !== null) {
    const tags = known.split(",").map(weakTag);
    return tags.includes("*") || tags.includes(weakTag(headers.get("etag")!));
  }
  const since = Date.parse(req.headers.get("if-modified-since") ?? "");
  return Date.parse(headers.get("last-modified")!) <= since;
}

/** A tag as it is compared: whether it is weak does not count (RFC 9110, section 13.1.2). */
function weakTag(tag: string): string {
  return tag.trim().replace(/^W\//, "");
}

async function statFile(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function fallback(error: unknown): Response {
  if (error instanceof URIError) return status(400, "Bad Request");
  return isMissing(error) ? status(404, "Not Found") : status(500, "Internal Server Error");
}

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

function methodNotAllowed(): Response {
  return status(405, "Method Not Allowed", new Headers({ allow: "GET, HEAD" }));
}

/** A redirect whose headers, unlike those of `Response.redirect`, may still be changed. */
function redirect(url: URL, path: string): Response {
  const location = new URL(url);
  location.pathname = path;
  return new Response(null, { status: 301, headers: { location: location.href } });
}

function status(code: number, text: string, headers = new Headers()): Response {
  return new Response(text, { status: code, statusText: text, headers });
}
