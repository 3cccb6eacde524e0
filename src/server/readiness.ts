import { deadline } from "@std/async";

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

/** Watches what callers need: the engines, the store, and a server that is not about to end. */
export function createReadiness({ kv }: { readonly kv: Pick<Deno.Kv, "get"> }): Readiness {
  let loaded = false;
  let draining = false;

  async function storeAnswers(): Promise<boolean> {
    try {
      await deadline(kv.get(["ready"]), STORE_TIMEOUT_MS);
      return true;
    } catch {
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
