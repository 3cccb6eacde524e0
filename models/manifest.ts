import { z } from "zod";
import manifest from "./manifest.json" with { type: "json" };

/** One file of a model, and where it belongs. */
export interface ModelFile {
  /** Path inside the npm package, or relative to the source's URL. */
  readonly from: string;
  /** Path inside the models' folder. */
  readonly path: string;
  /** Size of the file. */
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** An npm package, pinned by its integrity. */
export interface NpmSource {
  /** Name and exact version, e.g. `@ricky0123/vad-web@0.0.31`. */
  readonly npm: string;
  /** The package's `sha512-…`, as npm writes it. */
  readonly integrity: string;
  /** Size of the packed package, for the progress display. */
  readonly bytes: number;
}

/** A folder on the web. */
export interface UrlSource {
  /** Ends in `/`. */
  readonly url: string;
}

/** A model, as the manifest describes it. */
export interface Model {
  readonly name: string;
  /** Name of the engine that runs it. */
  readonly engine: string;
  /** What it is and what it is for, in one line. */
  readonly title: string;
  /** SPDX identifier of the weights' own licence. */
  readonly licence: string;
  /** Home of the weights. */
  readonly origin: string;
  /** Where its files are fetched from. */
  readonly source: NpmSource | UrlSource;
  /** Fetched only when asked for, by its name or by choosing its engine. */
  readonly optional: boolean;
  /** At least one. */
  readonly files: readonly ModelFile[];
}

const relativePath = z.string().min(1).refine(
  (path) => !path.startsWith("/") && !path.includes("\\") && !path.split("/").includes(".."),
  "must be a relative path without ..",
);

const modelFile = z.strictObject({
  from: relativePath,
  path: relativePath,
  bytes: z.number().int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const source = z.union([
  z.strictObject({
    npm: z.string().regex(/^(@[^/@]+\/)?[^/@]+@\d+\.\d+\.\d+$/),
    integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/),
    bytes: z.number().int().positive(),
  }),
  z.strictObject({ url: z.url().endsWith("/") }),
]);

const entries = z.record(
  z.string().regex(/^[a-z0-9-]+$/),
  z.strictObject({
    title: z.string().min(1),
    licence: z.string().min(1),
    origin: z.url(),
    source,
    engine: z.string().min(1).optional(),
    optional: z.boolean().default(false),
    files: z.array(modelFile).min(1),
  }),
);

/**
 * Checks a manifest: a record of models by name.
 *
 * @throws {z.ZodError} If it is not one.
 */
export function parseManifest(json: unknown): readonly Model[] {
  return Object.entries(entries.parse(json)).map(([name, entry]) => ({
    ...entry,
    name,
    engine: entry.engine ?? name,
  }));
}

/** Every model this project knows, from `manifest.json`. */
export const MODELS: readonly Model[] = parseManifest(manifest);
