import { createCachedDecoder, type DecoderCache } from "@/engines/asr/cached_decoder.ts";
import type { DecodingAnswer, DecodingJob, EncoderDecoder } from "@/engines/asr/decoding_job.ts";
import { createDecodingModel } from "@/engines/asr/decoding_model.ts";
import type { Model } from "@/inference/host.ts";
import { openSession, Tensor } from "@/inference/onnx.ts";

const START_TOKEN = 1;
const END_TOKEN = 2;

const WARM_UP_RUNS = 4;

/** Loads Moonshine tiny (English), warm. */
export async function loadMoonshine(
  { encoder: encoderPath, decoder: decoderPath }: EncoderDecoder,
): Promise<Model<DecodingJob, DecodingAnswer>> {
  const encoder = await openSession({ engine: "moonshine", path: encoderPath });
  const decoder = createCachedDecoder(
    await openSession({ engine: "moonshine", path: decoderPath }),
  );

  return await createDecodingModel<Tensor, DecoderCache>({
    endToken: END_TOKEN,
    warmUpRuns: WARM_UP_RUNS,
    async encode(samples) {
      const input = new Tensor("float32", samples, [1, samples.length]);
      const { last_hidden_state: heard } = await encoder.run({ input_values: input });
      return heard!;
    },
    async decode(heard, { tokens, state }) {
      const { logits, cache } = await decoder([tokens.at(-1) ?? START_TOKEN], {
        heard,
        cache: state,
      });
      return { logits, state: cache };
    },
    believes: () => true,
  });
}
