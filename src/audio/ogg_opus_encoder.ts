import {
  EncodedAudioPacketSource,
  EncodedPacket,
  OggOutputFormat,
  Output,
  StreamTarget,
} from "mediabunny";
import { createOpusEncoder, OPUS_PACKET_MS, type OpusRate } from "@/audio/opus.ts";

/** Longest page, in seconds: a listener waits for a whole one. */
const PAGE_SECONDS = 0.2;

/** The rate that Ogg counts Opus in, whatever the encoder's, in Hz. */
const GRANULE_RATE = 48_000;

/**
 * Writes mono samples, −1 to 1, as an Ogg file of Opus, page by page as they come.
 *
 * @param sampleRate Hz; one that Opus knows.
 */
export async function* encodeOggOpus(
  speech: AsyncIterable<Float32Array<ArrayBuffer>>,
  sampleRate: OpusRate,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  using encoder = createOpusEncoder(sampleRate);
  const written: Uint8Array<ArrayBuffer>[] = [];
  const source = new EncodedAudioPacketSource("opus");
  const output = new Output({
    format: new OggOutputFormat({ maximumPageDuration: PAGE_SECONDS }),
    target: new StreamTarget(
      new WritableStream({
        write: ({ data }) => {
          written.push(data.slice());
        },
      }),
    ),
  });
  output.addAudioTrack(source);
  await output.start();
  const head = {
    decoderConfig: {
      codec: "opus",
      sampleRate: GRANULE_RATE,
      numberOfChannels: 1,
      description: opusHead(encoder.delay * GRANULE_RATE / sampleRate, sampleRate),
    },
  };

  const length = OPUS_PACKET_MS / 1000 * sampleRate;
  let seconds = 0;
  async function add(samples: Float32Array): Promise<void> {
    const packet = encoder.encode(samples);
    const duration = OPUS_PACKET_MS / 1000;
    await source.add(new EncodedPacket(packet, "key", seconds, duration), head);
    seconds += duration;
  }

  let rest = new Float32Array();
  for await (const samples of speech) {
    const waiting = new Float32Array(rest.length + samples.length);
    waiting.set(rest);
    waiting.set(samples, rest.length);
    let at = 0;
    for (; at + length <= waiting.length; at += length) {
      await add(waiting.subarray(at, at + length));
    }
    rest = waiting.slice(at);
    yield* written.splice(0);
  }
  // as much silence as the encoder is behind, so that the last of the speech comes out
  const tail = new Float32Array(Math.ceil((rest.length + encoder.delay) / length) * length);
  tail.set(rest);
  for (let at = 0; at < tail.length; at += length) await add(tail.subarray(at, at + length));
  await output.finalize();
  yield* written;
}

/** The header of RFC 7845, section 5.1: one channel. */
function opusHead(preSkip: number, inputRate: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(19));
  [..."OpusHead"].forEach((letter, i) => view.setUint8(i, letter.charCodeAt(0)));
  view.setUint8(8, 1);
  view.setUint8(9, 1);
  view.setUint16(10, preSkip, true);
  view.setUint32(12, inputRate, true);
  return new Uint8Array(view.buffer);
}
