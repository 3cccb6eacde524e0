import { FLACDecoder } from "@wasm-audio-decoders/flac";
import { MPEGDecoder } from "mpg123-decoder";
import { createOpusDecoder } from "@/audio/opus.ts";
import { createPcmReader } from "@/audio/pcm_packets.ts";
import { UnreadableAudio } from "@/audio/unreadable_audio.ts";

/** What the container says of its audio. */
export interface PacketFormat {
  /** Name of the codec, e.g. `"opus"`. */
  readonly codec: string;
  /** Hz. */
  readonly sampleRate: number;
  readonly channels: number;
  /** What the codec itself wants to be told: of Opus the `OpusHead`. */
  readonly description: Uint8Array | undefined;
}

/** Decodes the packets of one recording, in their order. Its owner disposes of it. */
export interface PacketDecoder extends Disposable {
  /** Of what it makes, in Hz. */
  readonly sampleRate: number;
  /**
   * Mono samples; several channels are mixed.
   *
   * @throws {UnreadableAudio} if the packet is broken.
   */
  decode(packet: Uint8Array): Float32Array<ArrayBuffer> | Promise<Float32Array<ArrayBuffer>>;
}

/** Rate that Opus is decoded at, in Hz: what speech is wanted at, so that nothing is resampled. */
const OPUS_RATE = 16_000;

/** Where the `OpusHead` tells the samples to drop at the start, at 48 kHz, and of the channels (RFC 7845, section 5.1). */
const PRE_SKIP_AT = 10;
const MAPPING_FAMILY_AT = 18;
const OPUS_HEAD_BYTES = 19;

/**
 * Opens a decoder for a codec.
 *
 * @throws {UnreadableAudio} if there is none for it.
 */
export async function openPacketDecoder(format: PacketFormat): Promise<PacketDecoder> {
  switch (format.codec) {
    case "mp3":
      return await openMp3(format);
    case "flac":
      return await openFlac(format);
    case "opus":
      return openOpus(format);
    default:
      return openPcm(format);
  }
}

async function openMp3({ sampleRate }: PacketFormat): Promise<PacketDecoder> {
  const decoder = new MPEGDecoder({ enableGapless: false });
  await decoder.ready;
  return {
    sampleRate,
    decode: (packet) => mix(decoder.decodeFrame(packet).channelData), // what is broken in it is silence
    [Symbol.dispose]: () => decoder.free(),
  };
}

async function openFlac({ sampleRate }: PacketFormat): Promise<PacketDecoder> {
  const decoder = new FLACDecoder();
  await decoder.ready;
  return {
    sampleRate,
    async decode(packet) {
      const { channelData, errors } = await decoder.decodeFrames([packet]);
      if (errors.length > 0) throw new UnreadableAudio("it holds a frame that is not FLAC");
      return mix(channelData);
    },
    [Symbol.dispose]: () => decoder.free(),
  };
}

function openOpus({ description }: PacketFormat): PacketDecoder {
  if (description === undefined || description.length < OPUS_HEAD_BYTES) {
    throw new UnreadableAudio("its Opus header is cut off");
  }
  if (description[MAPPING_FAMILY_AT] !== 0) {
    throw new UnreadableAudio("it has more than two channels");
  }
  const view = new DataView(description.buffer, description.byteOffset);
  let skip = Math.round(view.getUint16(PRE_SKIP_AT, true) * OPUS_RATE / 48_000);
  const decoder = createOpusDecoder(OPUS_RATE);
  return {
    sampleRate: OPUS_RATE,
    decode(packet) {
      const samples = decoder.decode(packet);
      const kept = samples.subarray(Math.min(skip, samples.length));
      skip -= samples.length - kept.length;
      return kept;
    },
    [Symbol.dispose]: () => decoder[Symbol.dispose](),
  };
}

function openPcm({ codec, sampleRate, channels }: PacketFormat): PacketDecoder {
  const decode = createPcmReader(codec, channels);
  if (decode === undefined) {
    throw new UnreadableAudio(`there is no decoder for ${codec}, which is what it holds`);
  }
  return { sampleRate, decode, [Symbol.dispose]: () => {} };
}

function mix(channels: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const mono = new Float32Array(channels[0]?.length ?? 0);
  for (const channel of channels) channel.forEach((sample, i) => mono[i]! += sample);
  return mono.map((sample) => sample / channels.length);
}
