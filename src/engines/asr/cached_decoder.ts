import { type InferenceSession, Tensor } from "@/inference/onnx.ts";

/** Keys and values of the attention, by the names of the decoder's inputs. */
export type DecoderCache = Readonly<Record<string, Tensor>>;

/** What a decoder makes of more tokens. */
export interface DecoderStep {
  /** Of each token in turn: one logit per token that may follow it. */
  readonly logits: Float32Array;
  /** To go on from. */
  readonly cache: DecoderCache;
}

/**
 * Reads tokens after those in the cache; without one, from the beginning. Tokens beyond the first must come one at a
 * time once there is a cache.
 */
export type CachedDecoder = (
  tokens: readonly number[],
  context: { readonly heard: Tensor; readonly cache: DecoderCache | undefined },
) => Promise<DecoderStep>;

/**
 * The decoder of a "merged" export (Optimum's, and Transformers.js's): one graph that takes `use_cache_branch`, past
 * keys and values, and gives the present ones. Those of the encoder are given in the first step only.
 */
export function createCachedDecoder(session: InferenceSession): CachedDecoder {
  const { inputMetadata, outputNames } = session;
  // The encoder's keys and values do not change after the first step, and need not be copied out again.
  const laterOutputs = outputNames.filter((name) => !name.includes(".encoder."));
  const emptyCache = Object.fromEntries(
    inputMetadata.flatMap((input) => {
      if (!input.name.startsWith("past_key_values.") || !input.isTensor) return [];
      const [, heads, , floats] = input.shape as readonly number[];
      return [[input.name, new Tensor("float32", new Float32Array(0), [1, heads!, 0, floats!])]];
    }),
  );

  return async (tokens, { heard, cache }) => {
    const { logits, ...present } = await session.run(
      {
        input_ids: new Tensor("int64", BigInt64Array.from(tokens, BigInt), [1, tokens.length]),
        encoder_hidden_states: heard,
        use_cache_branch: new Tensor("bool", [cache !== undefined]),
        ...emptyCache,
        ...cache,
      },
      cache === undefined ? outputNames : laterOutputs,
    );
    const next = { ...cache };
    for (const [name, tensor] of Object.entries(present)) {
      next[name.replace("present", "past_key_values")] = tensor;
    }
    return { logits: logits!.data as Float32Array, cache: next };
  };
}
