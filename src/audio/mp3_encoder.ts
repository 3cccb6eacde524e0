import { createMp3Encoder } from "wasm-media-encoders";

/** kbit/s of one channel of speech. */
const BITRATE = 64;

/**
 * Writes mono samples, −1 to 1, as an MP3 file of constant bit rate, as they come. LAME keeps about a tenth of a second
 * back until the end.
 *
 * @param sampleRate Hz; one that MP3 knows.
 */
export async function* encodeMp3(
  speech: AsyncIterable<Float32Array>,
  sampleRate: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = await createMp3Encoder();
  encoder.configure({ channels: 1, sampleRate, bitrate: BITRATE });
  for await (const samples of speech) {
    const bytes = encoder.encode([samples]).slice(); // the encoder's own memory
    if (bytes.length > 0) yield bytes;
  }
  yield encoder.finalize().slice();
}
