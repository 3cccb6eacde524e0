import { encodeSamples } from "@/audio/codec.ts";
import { WIRE_RATE } from "../e2e/voice_client.ts";
import { tones } from "../fakes/scripted_synthesiser.ts";

/** Silence that ends any turn, in s. */
const SILENCE_S = 5;

/** What the fast engines hear a text in, with the silence behind it: 16-bit PCM at the wire's rate. */
export function inTones(text: string): Uint8Array<ArrayBuffer> {
  const speech = tones(text, { sampleRate: WIRE_RATE, letterMs: 40 });
  const samples = new Float32Array(speech.length + SILENCE_S * WIRE_RATE);
  samples.set(speech);
  return encodeSamples(samples, "pcm16");
}
