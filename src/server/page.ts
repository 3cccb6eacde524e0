import { serveDir } from "@std/http/file-server";

/**
 * Makes what serves the files of a folder, `index.html` at `/`. Redirects name neither scheme nor host: where a proxy
 * ends TLS, the server's own scheme would lead out of it.
 */
export function createPage(folder: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const response = await serveDir(request, { fsRoot: folder, quiet: true });
    const location = response.headers.get("location");
    if (location === null) return response;
    const { pathname, search } = new URL(location);
    return new Response(null, {
      status: response.status,
      headers: { location: `${pathname}${search}` },
    });
  };
}
