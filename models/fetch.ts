import { dirname, join, resolve } from "node:path";
import { checkFile } from "./check.ts";
import { createDownload, type Download, downloadSize } from "./download.ts";
import { type Model, MODELS } from "./manifest.ts";
import { terminalProgress } from "./progress.ts";

/** A model could not be fetched. Nothing of it was left behind. */
export class ModelFetchError extends Error {
  /** Always `"ModelFetchError"`. */
  override readonly name = "ModelFetchError";
  /** Name of the model. */
  readonly model: string;

  /** Says why `model` could not be fetched. */
  constructor(model: string, reason: string, options?: ErrorOptions) {
    super(`Cannot fetch model "${model}": ${reason}`, options);
    this.model = model;
  }
}

/** Told of the bytes of a model that have arrived so far, and of those that will. */
export type FetchProgress = (model: string, received: number, total: number) => void;

/** How to fetch models. */
export interface FetchOptions {
  /** The models' folder. */
  readonly dir: string;
  /** Ends the fetch; what was begun is removed. */
  readonly signal: AbortSignal;
  /** Brings one model. */
  readonly download: Download;
  /** Watches it come. */
  readonly onProgress: FetchProgress;
}

/**
 * Fetches whatever is missing or damaged, one model after the other. Files appear under their names only once
 * they are whole and their sha256 is right. Returns the names of the models that it fetched.
 *
 * @throws {ModelFetchError} If a model cannot be had, or is not what the manifest says.
 */
export async function fetchModels(
  models: readonly Model[],
  options: FetchOptions,
): Promise<string[]> {
  const fetched: string[] = [];
  for (const model of models) {
    const states = await Promise.all(
      model.files.map((file) => checkFile(join(options.dir, file.path), file)),
    );
    if (states.every((state) => state === "ok")) continue;
    await fetchModel(model, options);
    fetched.push(model.name);
  }
  return fetched;
}

async function fetchModel(
  model: Model,
  { dir, signal, download, onProgress }: FetchOptions,
): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
  const folder = await Deno.makeTempDir({ dir, prefix: `.${model.name}-` });
  const total = downloadSize(model);
  let received = 0;
  const onBytes = (count: number) => onProgress(model.name, received += count, total);
  try {
    const source = await download(model, folder, { signal, onBytes });
    signal.throwIfAborted();
    for (const file of model.files) {
      const state = await checkFile(join(source, file.from), file);
      if (state !== "ok") throw new Error(`${file.from} is ${state} in what was downloaded`);
    }
    for (const file of model.files) {
      const target = join(dir, file.path);
      await Deno.mkdir(dirname(target), { recursive: true });
      await Deno.rename(join(source, file.from), target);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelFetchError(model.name, signal.aborted ? "interrupted" : reason, {
      cause: error,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What was asked for. */
export interface Wanted {
  /** Names of models; none asks for what is needed. */
  readonly names: readonly string[];
  /** Names of engines that were chosen. */
  readonly engines: readonly string[];
}

/**
 * Picks the models to fetch: the named ones, or all that are not optional and those of the chosen engines.
 *
 * @throws {TypeError} If there is no model of a name.
 */
export function selectModels(models: readonly Model[], { names, engines }: Wanted): Model[] {
  const unknown = names.filter((name) => !models.some((model) => model.name === name));
  if (unknown.length > 0) {
    const known = models.map(({ name }) => name).join(", ");
    throw new TypeError(`Unknown model "${unknown.join('", "')}". Known ones: ${known}`);
  }
  return models.filter(({ name, engine, optional }) =>
    names.length > 0 ? names.includes(name) : !optional || engines.includes(engine)
  );
}

/** The engines that the environment names, as `loadConfig` reads it. */
function chosenEngines(): string[] {
  return ["VAD", "ASR", "LLM", "TTS"].flatMap((variable) =>
    (Deno.env.get(variable) ?? "").split(",").map((name) => name.trim())
  );
}

if (import.meta.main) {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  Deno.addSignalListener("SIGTERM", interrupt);
  const progress = terminalProgress(Deno.stderr);
  try {
    await fetchModels(selectModels(MODELS, { names: Deno.args, engines: chosenEngines() }), {
      dir: resolve(Deno.env.get("MODELS_DIR") || "models"),
      signal: interrupted.signal,
      download: createDownload({
        registry: Deno.env.get("NPM_CONFIG_REGISTRY") ?? Deno.env.get("npm_config_registry"),
      }),
      onProgress: progress.update,
    });
    progress.end();
    Deno.exit(0);
  } catch (error) {
    progress.end();
    // deno-lint-ignore no-console
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(interrupted.signal.aborted ? 130 : 1);
  }
}
