import { serveDir } from "@std/http/file-server";

/** Makes what serves the files of a folder, `index.html` at `/`. */
export function createPage(folder: string): (request: Request) => Promise<Response> {
  return async (request) => {
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
