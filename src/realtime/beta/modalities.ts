import { z } from "zod";
import type { SessionSettings } from "@/conversation/settings.ts";

/** What a response is made of. Sound always comes with its text, and is named with it, in any order. */
export const BetaModalities = z.array(z.enum(["text", "audio"])).refine(
  (modalities) => modalities.includes("text"),
  "Supported combinations are: ['text'] and ['text', 'audio']",
);

/** {@inheritDoc BetaModalities} */
export type BetaModalities = z.infer<typeof BetaModalities>;

/** The GA name of modalities. */
export function fromBetaModalities(
  modalities: BetaModalities,
): SessionSettings["output_modalities"] {
  return modalities.includes("audio") ? ["audio"] : ["text"];
}

/** The beta name of modalities. */
export function toBetaModalities(
  [modality]: SessionSettings["output_modalities"],
): BetaModalities {
  return modality === "audio" ? ["text", "audio"] : ["text"];
}
