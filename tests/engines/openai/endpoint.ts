import type { Config } from "@/config.ts";

type Endpoint = Config["remote"]["openai"]["llm"];

/** A configuration whose engines `openai` are all at one server. */
export function openAiAt(
  baseUrl: string | undefined,
  { apiKey, model }: { readonly apiKey?: string | undefined; readonly model?: string } = {},
): Pick<Config, "remote"> {
  const endpoint: Endpoint = { baseUrl, apiKey, model };
  return {
    remote: {
      openai: { asr: endpoint, llm: endpoint, tts: endpoint },
      edgeTtsUrl: undefined,
      edgeProsody: { pitch: "+0Hz", volume: "+0%" },
      funasrUrl: "ws://127.0.0.1:1",
      coquiUrl: "http://127.0.0.1:1",
    },
  };
}
