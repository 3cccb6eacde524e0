import { z } from "zod";
import { headerKey } from "@/config/values.ts";
import type { ConfigProblem } from "@/errors.ts";

/** The variables that say where sessions are stored. */
export const STORE_VARIABLES = {
  KV_PATH: z.string().default("data/chatai.kv").refine(
    (path) => !/^\w+:\/\//.test(path) || (isUrl(path) && URL.canParse(path)),
    "must be a file, :memory:, default, or the http(s) URL of a KV Connect server",
  ).meta({
    description:
      "where sessions are stored: a file, `:memory:`, the URL of a KV Connect server, or `default` for the host's own, as on Deno Deploy",
  }),
  // Deno reads it by itself, and only if the program may
  DENO_KV_ACCESS_TOKEN: headerKey().optional().meta({
    description: "token of the KV Connect server",
  }),
};

/** A KV Connect server lets nobody in without a token. */
export function storeProblems(
  { KV_PATH = "", DENO_KV_ACCESS_TOKEN }: Readonly<Record<string, string>>,
): ConfigProblem[] {
  if (!isUrl(KV_PATH) || DENO_KV_ACCESS_TOKEN !== undefined) return [];
  return [{
    variable: "KV_PATH",
    message: "names a KV Connect server, yet its token is not set: DENO_KV_ACCESS_TOKEN",
  }];
}

function isUrl(path: string): boolean {
  return /^https?:/.test(path);
}
