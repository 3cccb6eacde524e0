import { z } from "zod";
import { isLoopback, wholeNumber } from "@/config/values.ts";

/** The variables that say where the server listens. */
export const LISTEN_VARIABLES = {
  HOST: z.string().regex(/^[\w.:-]+$/, "must be a host name or an IP address")
    .default("127.0.0.1").meta({
      description:
        "address to listen on; any that other machines can reach needs keys, tokens or `AUTH=none`",
    }),
  PORT: wholeNumber(0, 65_535).default(8000).meta({
    description: "port to listen on; `0` lets the system choose",
  }),
  // Deno takes it for the address of any server, whatever the program asks for
  DENO_SERVE_ADDRESS: z.string().optional().meta({
    description: "Deno's own: an address such as `tcp:0.0.0.0:80`, in place of `HOST` and `PORT`",
  }),
  DENO_DEPLOY: z.string().optional().meta({
    description: "set by Deno Deploy, where everybody reaches the server",
  }),
};

/** Why other machines reach the server. */
export interface Exposure {
  /** The variable that makes it so. */
  readonly variable: keyof typeof LISTEN_VARIABLES;
  /** What lets them in, for a message. */
  readonly by: string;
}

/** Whether other machines reach the server, and why; `undefined` where it is for this one alone. */
export function exposureOf(
  { HOST = "127.0.0.1", DENO_SERVE_ADDRESS, DENO_DEPLOY }: {
    readonly HOST?: string;
    readonly DENO_SERVE_ADDRESS?: string | undefined;
    readonly DENO_DEPLOY?: string | undefined;
  },
): Exposure | undefined {
  if (DENO_DEPLOY !== undefined) return { variable: "DENO_DEPLOY", by: "Deno Deploy" };
  if (DENO_SERVE_ADDRESS !== undefined) {
    const host = /^tcp:\[?(.*?)\]?:\d+$/.exec(DENO_SERVE_ADDRESS)?.[1];
    if (host !== undefined && isLoopback(host)) return undefined;
    return { variable: "DENO_SERVE_ADDRESS", by: DENO_SERVE_ADDRESS };
  }
  return isLoopback(HOST) ? undefined : { variable: "HOST", by: HOST };
}
