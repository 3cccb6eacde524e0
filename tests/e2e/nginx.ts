import { join } from "node:path";
import { makeCertificate, type TestCertificate } from "../fakes/certificate.ts";
import { findProgram, freePort, startProgram } from "./program.ts";
import { realtimeUrl, type TestServer } from "./server.ts";

/** Where `NGINX` says, on the `PATH`, or where Debian has it; `undefined` if it is nowhere. */
const NGINX = Deno.env.get("NGINX") || findProgram("nginx", ["/usr/sbin"]);

/** Whether it can be had. */
export const HAS_NGINX: boolean = NGINX !== undefined;

/** A test that is skipped, and says why, where there is no nginx. */
export function testNginx(name: string, fn: () => Promise<void>): void {
  const skipped = HAS_NGINX ? "" : " (skipped: no nginx on the PATH, in /usr/sbin or in NGINX)";
  Deno.test({ name: `nginx: ${name}${skipped}`, ignore: !HAS_NGINX, fn });
}

/** The proxy of `deploy/`, in front of servers on this machine. */
export interface Proxy extends AsyncDisposable {
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** `wss://127.0.0.1:port/v1/realtime?query` */
  realtime(query?: Record<string, string>): string;
  /** Its certificate, in PEM. */
  readonly cert: string;
  /** Trusts the certificate. */
  readonly client: Deno.HttpClient;
}

/** Starts it, as `deploy/proxy/nginx.conf` says. */
export async function startNginx(
  ...servers: readonly Pick<TestServer, "url">[]
): Promise<Proxy> {
  if (NGINX === undefined) throw new Error("There is no nginx");
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "nginx_" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const { cert, certPath, keyPath } = stack.use(await makeCertificate());
  const port = freePort();
  const hosts = servers.map(({ url }) => new URL(url).host);
  const site = moveHere(await Deno.readTextFile(SITE), { port, hosts, certPath, keyPath });
  const text = [...MAIN, "http {", ...HTTP, site, "}"].join("\n");
  await Deno.writeTextFile(join(folder, "nginx.conf"), text);
  const args = ["-p", folder, "-e", "error.log", "-c", "nginx.conf"];
  const started = startProgram(NGINX, { port, args });
  stack.use(
    await started.catch(async ({ message }) => {
      throw new Error(`${message}: ${await Deno.readTextFile(join(folder, "error.log"))}`);
    }),
  );
  const client = stack.use(Deno.createHttpClient({ caCerts: [cert] }));
  const owned = stack.move();
  const url = `https://127.0.0.1:${port}`;
  return {
    url,
    realtime: (query) => realtimeUrl(url, query),
    cert,
    client,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const SITE = new URL("../../deploy/proxy/nginx.conf", import.meta.url);

/**
 * Two workers, as there are several in the image. Root's would be another user's, who may not look into a temporary
 * folder; with anybody else's the user is ignored.
 */
const MAIN = ["daemon off;", "user root;", "worker_processes 2;", "pid nginx.pid;", "events {}"];

/** All that it writes is below its folder. */
const HTTP = [
  "access_log off;",
  ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) =>
    `${name}_temp_path ${name};`
  ),
];

/** What is different here. */
interface Here extends Pick<TestCertificate, "certPath" | "keyPath"> {
  readonly port: number;
  /** Of the servers, each with its port. */
  readonly hosts: readonly string[];
}

/** Puts addresses and files of this machine in, and what nginx had before 1.25. All else stays as it is. */
function moveHere(site: string, { port, hosts, certPath, keyPath }: Here): string {
  const changes: readonly [RegExp, string][] = [
    [/ *resolver .*;\n/, ""],
    [/server chatai:8000 resolve(.*);/, hosts.map((host) => `server ${host}$1;`).join("\n    ")],
    [/listen 443 ssl;\n *http2 on;/, `listen 127.0.0.1:${port} ssl http2;`],
    [/\/etc\/nginx\/cert\.pem/, certPath],
    [/\/etc\/nginx\/key\.pem/, keyPath],
  ];
  return changes.reduce((text, [pattern, replacement]) => {
    if (!pattern.test(text)) throw new Error(`deploy/proxy/nginx.conf has nothing like ${pattern}`);
    return text.replace(pattern, replacement);
  }, site);
}
