// Speaks a sentence through the service at the address that is its argument, and prints how much of it came.
import { createEdge } from "@/engines/tts/edge.ts";
import { loadConfig } from "@/config.ts";
import { KNOWN_ENGINES } from "@/server/engines.ts";

const config = loadConfig({ EDGE_TTS_URL: Deno.args[0] }, KNOWN_ENGINES);
await using edge = await createEdge(config);
const signal = new AbortController().signal;
let samples = 0;
for await (const speech of edge.synthesize("Hello there.", { signal })) {
  samples += speech.samples.length;
}
await Deno.stdout.write(new TextEncoder().encode(String(samples)));
