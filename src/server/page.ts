import { serveDir } from "@std/http/file-server";

/** Makes what serves the files of a folder, `index.html` at `/`. */
export function createPage(folder: string): (request: Request) => Promise<Response> {
  return (request) => serveDir(request, { fsRoot: folder, quiet: true });
}
