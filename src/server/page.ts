import { serveDir } from "@std/http/file-server";

/** A path longer than this is nowhere. Some systems fail to look for names of more than 255 bytes. */
const MAX_PATH_LENGTH = 255;

/** Makes what serves the files of a folder, `index.html` at `/`. */
export function createPage(folder: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.length > MAX_PATH_LENGTH) return new Response(null, { status: 404 });
    const response = await serveDir(request, { fsRoot: folder, quiet: true });
    const location = response.headers.get("location");
    return location === null ? response : redirect(response, location);
  };
}

/**
 * Redirects within the server, whatever it is called: behind a proxy with TLS, this process does not know the scheme
 * that the page has. Of two slashes at the beginning, a browser would make a host.
 */
function redirect({ status }: Response, location: string): Response {
  const { pathname, search } = new URL(location);
  const path = pathname.replace(/^\/{2,}/, "/");
  return new Response(null, { status, headers: { location: `${path}${search}` } });
}
