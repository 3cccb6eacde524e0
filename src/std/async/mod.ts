/**
 * What this project calls of `@std/async`, with the same signatures and behaviour, for machines that do not
 * reach JSR. Deleting `links` from deno.json switches to the real package.
 *
 * @module
 */
export * from "./abortable.ts";
export * from "./deadline.ts";
export * from "./delay.ts";
