import { deadline } from "@std/async";
import { errorResponse } from "@/server/errors.ts";
import { storeErrors } from "@/telemetry/metrics.ts";

/** Whether new callers can be served. */
export interface Readiness {
  /** Call when all engines are loaded and warm. */
  enginesLoaded(): void;
  /** Call when the server shuts down. */
  drain(): void;
  /** What keeps callers from being served; nothing when it is empty. */
  missing(): Promise<readonly string[]>;
}

/** How long the store may take to answer, in ms. */
const STORE_TIMEOUT_MS = 2000;

/** Seconds after which a refused caller may ask again. */
const RETRY_AFTER_S = 5;

/** Watches what callers need: the engines, the store, and a server that is not about to end. */
export function createReadiness({ kv }: { readonly kv: Pick<Deno.Kv, "get"> }): Readiness {
  let loaded = false;
  let draining = false;

  async function storeAnswers(): Promise<boolean> {
    try {
      await deadline(kv.get(["ready"]), STORE_TIMEOUT_MS);
      return true;
    } catch {
      storeErrors.inc();
      return false;
    }
  }

  return {
    enginesLoaded() {
      loaded = true;
    },
    drain() {
      draining = true;
    },
    async missing() {
      return [
        ...(loaded ? [] : ["the engines are loading"]),
        ...(await storeAnswers() ? [] : ["the session store does not answer"]),
        ...(draining ? ["the server is shutting down"] : []),
      ];
    },
  };
}

/** Answers who asked too early or too late. */
export function notReady(missing: readonly string[]): Response {
  return errorResponse(503, {
    type: "server_error",
    code: "not_ready",
    message: `Not ready: ${missing.join("; ")}.`,
  }, { "retry-after": String(RETRY_AFTER_S) });
}
