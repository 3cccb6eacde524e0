import { getLogger } from "@logtape/logtape";
import { abortable } from "@std/async/abortable";
import { ConfigError } from "@/errors.ts";
import type { RequestHandler } from "@/server/app.ts";
import type { TlsCredentials } from "@/server/tls.ts";

const logger = getLogger(["chatai", "server"]);

/** Where and what to serve. */
export interface ServeOptions {
  /** Address to listen on. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Serves https and wss; http and ws without it. */
  readonly tls?: TlsCredentials | undefined;
  /** Answers requests. */
  readonly handler: RequestHandler;
}

/** A server that listens. */
export interface RunningServer {
  /** Where to open it in a browser on this machine, without a slash at the end. */
  readonly url: string;
  /**
   * Takes no new request and waits for the ones that run, until `lost` aborts: Deno cannot break the connection of
   * a client that does not read its answer. Upgraded connections are not among them.
   */
  shutdown(lost?: AbortSignal): Promise<void>;
}

/**
 * Begins to listen.
 *
 * @throws {ConfigError} If the address cannot be had; it names the variable that is to blame.
 */
export function serve({ host, port, tls, handler }: ServeOptions): RunningServer {
  let over: Promise<void> | undefined;
  try {
    const server = Deno.serve(
      { hostname: host, port, onListen: () => {}, ...tls },
      (request, { remoteAddr }) => handler(request, addressOf(remoteAddr)),
    );
    const scheme = tls === undefined ? "http" : "https";
    return {
      url: `${scheme}://${authorityOf(host, server.addr.port)}`,
      shutdown: (lost = new AbortController().signal) => over ??= end(server, lost),
    };
  } catch (error) {
    throw toConfigError(error, host, port);
  }
}

async function end(server: Deno.HttpServer, lost: AbortSignal): Promise<void> {
  try {
    await abortable(server.shutdown(), lost);
  } catch (error) {
    if (!lost.aborted) throw error;
    logger.warn("Answers that nobody reads to their end are cut off");
  }
}

function addressOf(peer: Deno.Addr): string {
  return "hostname" in peer ? peer.hostname : "";
}

function authorityOf(host: string, port: number): string {
  const everywhere = host === "0.0.0.0" || host === "::";
  const name = everywhere ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `${name}:${port}`;
}

function toConfigError(error: unknown, host: string, port: number): unknown {
  if (error instanceof Deno.errors.AddrInUse) {
    const message = `${port} is in use by another program. Stop it, or set PORT to a free one.`;
    return new ConfigError([{ variable: "PORT", message }]);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    const message = `${port} may not be used by this user. Set PORT to one above 1023.`;
    return new ConfigError([{ variable: "PORT", message }]);
  }
  if (error instanceof Deno.errors.AddrNotAvailable || isUnknownHost(error)) {
    const message = `${host} is no address of this machine.`;
    return new ConfigError([{ variable: "HOST", message }]);
  }
  if (error instanceof Error && /private key/.test(error.message)) {
    const message =
      "is of a kind that is not served. Use ECDSA (P-256) or RSA of 2048 bits or more.";
    return new ConfigError([{ variable: "TLS_KEY", message }]);
  }
  return error;
}

function isUnknownHost(error: unknown): boolean {
  return error instanceof Error && /lookup|resolve/i.test(error.message);
}
