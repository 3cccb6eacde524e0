import { z } from "zod";
import { BetaAudioFormat, toBetaFormat } from "@/realtime/beta/audio_format.ts";
import { BetaItem, toBetaItem } from "@/realtime/beta/item.ts";
import { BetaModalities, toBetaModalities } from "@/realtime/beta/modalities.ts";
import { BETA_TEMPERATURE } from "@/realtime/beta/temperature.ts";
import { ResponseObject } from "@/realtime/response_object.ts";

/** A response as the beta dialect shows it: flat. */
export const BetaResponseObject = ResponseObject
  .omit({ audio: true, output_modalities: true })
  .extend({
    output: z.array(BetaItem),
    modalities: BetaModalities,
    voice: z.string(),
    output_audio_format: BetaAudioFormat,
    temperature: z.number(),
  });

/** {@inheritDoc BetaResponseObject} */
export type BetaResponseObject = z.infer<typeof BetaResponseObject>;

/** Writes a response for the beta dialect. */
export function toBetaResponse(response: ResponseObject): BetaResponseObject {
  const { audio, output_modalities, ...same } = response;
  return {
    ...same,
    output: response.output.map(toBetaItem),
    modalities: toBetaModalities(output_modalities),
    voice: audio.output.voice,
    output_audio_format: toBetaFormat(audio.output.format),
    temperature: response.temperature ?? BETA_TEMPERATURE,
  };
}
