import { encodeWav } from "@/audio/wav.ts";
import { decodeAll } from "./pcm.ts";
import { WIRE_RATE } from "./voice_client.ts";

/** A WAV file of pieces of 16-bit PCM at the wire's rate. */
export function wavOf(...pcm: readonly Uint8Array<ArrayBuffer>[]): File {
  const samples = pcm.flatMap((piece) => [...decodeAll(piece)]);
  return new File(
    [encodeWav({ samples: Float32Array.from(samples), sampleRate: WIRE_RATE })],
    "said.wav",
  );
}

/** Such a piece in which nothing is said. */
export function silence(seconds: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(seconds * WIRE_RATE * 2);
}
