import type { Utterance } from "@/pipeline/utterance.ts";

/**
 * Counts what was heard as speech in the segments of a recording, once, when the last one has passed or nobody wants
 * more of them.
 *
 * @param count Is told the seconds; the stream ends after it has settled. Must not reject.
 */
export function countSpeech(
  count: (seconds: number) => Promise<void>,
): TransformStream<Utterance, Utterance> {
  let ms = 0;
  const tell = () => ms > 0 ? count(ms / 1000) : undefined;
  return new TransformStream({
    async transform(utterance, controller) {
      const end = await utterance.ended; // at once: a segment of a recording is complete
      if (end.kind === "turn") ms += end.speechMs;
      controller.enqueue(utterance);
    },
    flush: tell,
    cancel: tell,
  });
}
