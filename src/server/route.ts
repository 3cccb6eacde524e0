import type { z } from "zod";

/** A request of somebody who may make it. */
export interface Call {
  readonly request: Request;
  /** Parts of the path, decoded: what stands in braces in the route's. */
  readonly params: Readonly<Record<string, string>>;
  /** Whom the caller's key belongs to; `"anonymous"` where none is asked for. */
  readonly subject: string;
  /** Whom limits count. */
  readonly caller: string;
}

/** What is sent or answered, by media type. */
export type Content = Readonly<Record<string, z.ZodType>>;

/** One thing that can be asked over HTTP: how it is served, and how the OpenAPI document describes it. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** As OpenAPI writes it, e.g. `/v1/models/{model}`. Below `/v1` a key and a ready server are needed. */
  readonly path: string;
  /** A key is needed though it is not below `/v1`. */
  readonly needsKey?: true;
  /** What it counts as for its caller: a `turn` makes an engine work, a `connection` opens a way to a session. */
  readonly countsAs?: "turn" | "connection";
  /** What it does, in a line. */
  readonly summary: string;
  /** Body of a request. The handler validates it with the same schema. */
  readonly request?: Content;
  /** What a good answer holds. */
  readonly response: Content;
  /** Answers to what cannot be done, by status, beside those that every route has. */
  readonly refusals?: Readonly<Record<number, string>>;
  /** Longest body of a request. @default {1_048_576} */
  readonly maxBodyBytes?: number;
  /** Answers; an `InvalidRequest` that it throws becomes a 400. */
  handle(call: Call): Response | Promise<Response>;
}

/** Whether a path is one of the route's. */
export function matchesPath({ path }: Pick<Route, "path">, actual: string): boolean {
  const pattern = path.split("/");
  const parts = actual.split("/");
  return pattern.length === parts.length &&
    pattern.every((each, i) => each.startsWith("{") ? parts[i] !== "" : each === parts[i]);
}
