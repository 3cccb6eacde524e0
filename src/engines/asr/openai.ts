import { z } from "zod";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import { encodeWav } from "@/audio/wav.ts";
import type { Config } from "@/config.ts";
import type { SpeechRecogniser } from "@/engines/asr/engine.ts";
import { fromSegments } from "@/engines/asr/from_segments.ts";
import { readTextEvent, type TextEvent } from "@/engines/asr/openai/text_event.ts";
import { spokenWords } from "@/engines/asr/spoken_words.ts";
import { OPENAI } from "@/engines/openai/explain.ts";
import { probeOpenAi } from "@/engines/openai/models.ts";
import { connectOpenAi } from "@/engines/openai/server.ts";
import type { Patience } from "@/engines/remote_answer.ts";
import { EngineError } from "@/errors.ts";

/** OpenAI's current recogniser of whole recordings. Whisper and its own successors end on 26 February 2027. */
const OPENAI_MODEL = "gpt-transcribe";

/** What other servers call whatever they have, or take for it. */
const OTHER_MODEL = "whisper-1";

/** Whisper on a slow machine takes as long as the segment, and says nothing before it is done. */
const PATIENCE: Patience = { connectMs: 15_000, partMs: 15_000 };

const Transcription = z.object({ text: z.string() });

/** What a test brings to wait less. */
export interface OpenAiRecogniserOptions {
  readonly patience?: Patience;
}

/**
 * The transcriptions of OpenAI, or of any server that speaks its API: whisper.cpp, faster-whisper, speaches. A
 * segment is sent as a WAV file when it is over; models called `…transcribe…` send the text back while it is made.
 * Only those are asked for a stream, for some servers of other models stream in forms of their own (faster-whisper in
 * segments without a type). OpenAI's form is understood, and vLLM's, and one that sends JSON nevertheless.
 *
 * Each request to a hosted server costs money. So there are eager runs, one for each pause of 160 ms, because they
 * hide the whole time of recognition in the silence that ends a turn; and no partials, one a second of all that was
 * said so far, which would cost several times as much and only show a text earlier.
 *
 * Resolves though its server is down, which the log tells: it may come up later, and failover exists.
 */
export async function createOpenAiRecogniser(
  { remote }: Pick<Config, "remote">,
  { patience = PATIENCE }: OpenAiRecogniserOptions = {},
): Promise<SpeechRecogniser> {
  const endpoint = remote.openai.asr;
  const server = connectOpenAi(endpoint, patience);
  const model = endpoint.model ?? (server.official ? OPENAI_MODEL : OTHER_MODEL);
  const streams = /transcribe/i.test(model);
  const { transcriptions } = server.client.audio;
  await probeOpenAi(server, { kind: "asr", model });

  return fromSegments({
    name: OPENAI,
    model,
    partials: false,
    async recognise(samples, { signal, language, prompt, onText }) {
      const wav = encodeWav({ samples, sampleRate: SAMPLE_RATE });
      const request = {
        file: new File([wav], "speech.wav", { type: "audio/wav" }),
        model,
        response_format: "json" as const,
        ...(language !== undefined && languageField(model, language)),
        ...(prompt !== undefined && { prompt }),
      };
      let growing = "";
      let whole: string | undefined;
      const events = server.answer(async (own) => {
        const options = { signal: own };
        if (!streams) return wholeText(await transcriptions.create(request, options).asResponse());
        const { data, response } = await transcriptions
          .create({ ...request, stream: true }, options).withResponse();
        return isJson(response) ? wholeText(response) : eventsOf(data);
      }, { signal });
      for await (const event of events) {
        if (event.kind === "whole") whole = event.text;
        else if (event.kind === "end") whole = growing;
        else {
          growing += event.text;
          onText(spokenWords(growing));
        }
      }
      if (whole !== undefined) return spokenWords(whole);
      const message = `${OPENAI} at ${server.origin} ended its text before it was whole`;
      throw new EngineError(message, { engine: OPENAI, failure: "malformed" });
    },
    dispose: async () => await server[Symbol.asyncDispose](),
  });
}

/** Whether all of the text comes at once, though a stream was asked for. */
function isJson(response: Response): boolean {
  return /^application\/json\b/i.test(response.headers.get("content-type") ?? "");
}

async function* eventsOf(stream: AsyncIterable<unknown>): AsyncGenerator<TextEvent> {
  for await (const event of stream) yield* readTextEvent(event);
}

/** The answer of a server that sends all at once, which is read by itself so that reading it has its own deadline. */
async function* wholeText(response: Response): AsyncGenerator<TextEvent> {
  const { text } = Transcription.parse(await response.json());
  yield { kind: "whole", text };
}

/** The language of a BCP 47 tag in ISO 639-1, under the name that the model knows it by. */
function languageField(model: string, tag: string): { language: string } | { languages: string[] } {
  const language = tag.replace(/[-_].*/, "").toLowerCase();
  return model.startsWith("gpt-transcribe") ? { languages: [language] } : { language };
}
