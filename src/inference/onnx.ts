import "@/inference/hide_location.ts";
import * as ort from "onnxruntime-web/wasm";
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm" with { type: "bytes" };
import { EngineError } from "@/errors.ts";

ort.env.wasm.numThreads = 1; // more do not work on Deno; we scale by Workers
ort.env.wasm.wasmBinary = wasm.buffer as ArrayBuffer;

/** A value that a model takes or gives. */
export const Tensor: typeof ort.Tensor = ort.Tensor;
/** {@inheritDoc Tensor} */
export type Tensor = ort.Tensor;

/** An open model. */
export type InferenceSession = ort.InferenceSession;

/** Which model to open. */
export interface OpenSessionOptions {
  /** The engine's name, for errors. */
  readonly engine: string;
  /** Path of the ONNX file. */
  readonly path: string;
}

/** Opens a model file. Throws an `EngineError` (`unavailable`) that says what to do about a bad one. */
export async function openSession(
  { engine, path }: OpenSessionOptions,
): Promise<InferenceSession> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    const message = `${engine}: cannot read ${path}; "deno task models" fetches it`;
    throw new EngineError(message, { engine, failure: "unavailable", cause });
  }
  try {
    return await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  } catch (cause) {
    const message =
      `${engine}: ${path} is no valid model; delete it, and "deno task models" fetches it`;
    throw new EngineError(message, { engine, failure: "unavailable", cause });
  }
}
