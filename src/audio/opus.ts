import opusWasm from "@evan/opus/wasm/simd.wasm" with { type: "bytes" };
import { UnreadableAudio } from "@/audio/unreadable_audio.ts";

/** Rates that Opus is written and read at, in Hz. */
export type OpusRate = 8_000 | 12_000 | 16_000 | 24_000 | 48_000;

/** Writes one stream of speech as Opus packets. Its owner disposes of it. */
export interface OpusEncoder extends Disposable {
  /** Samples of silence that the decoder makes before the first of ours, at the encoder's rate. */
  readonly delay: number;
  /** Makes one packet of exactly 20 ms of mono samples, −1 to 1. */
  encode(samples: Float32Array): Uint8Array<ArrayBuffer>;
}

/** Reads one stream of Opus packets. Its owner disposes of it. */
export interface OpusDecoder extends Disposable {
  /**
   * The samples of the next packet, mono, −1 to 1; two channels are mixed.
   *
   * @throws {UnreadableAudio} if it is no Opus packet.
   */
  decode(packet: Uint8Array): Float32Array<ArrayBuffer>;
}

/** Ms of a packet that {@linkcode createOpusEncoder} makes. */
export const OPUS_PACKET_MS = 20;

/** Longest packet there is, in ms (RFC 6716, section 2.1.4). */
const MAX_PACKET_MS = 120;

/** Longest packet that the encoder is let make, in bytes. Speech at 32 kbit/s needs some 80. */
const MAX_PACKET_BYTES = 4000;

/** Bit/s: speech is as good as it gets from here on. */
const BITRATE = 32_000;

/** Of 0 to 10. Measured at 24 kHz: 0.2 ms for a packet of 20 ms, where the most thorough takes 0.7 ms. */
const COMPLEXITY = 5;

const FULL_SCALE = 32_768;

/** Numbers of libopus's `opus_defines.h`. */
const APPLICATION_VOIP = 2048;
const SET_BITRATE = 4002;
const SET_COMPLEXITY = 4010;
const GET_LOOKAHEAD = 4027;

/** What we use of libopus. Negative results are errors. */
interface Libopus {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  malloc(bytes: number): number;
  free(address: number): void;
  opus_encoder_get_size(channels: number): number;
  opus_encoder_init(state: number, rate: number, channels: number, application: number): number;
  opus_encoder_ctl_set(state: number, request: number, value: number): number;
  opus_encoder_ctl_get(state: number, request: number): number;
  opus_encode(
    state: number,
    pcm: number,
    frameSize: number,
    packet: number,
    maxBytes: number,
  ): number;
  opus_decoder_get_size(channels: number): number;
  opus_decoder_init(state: number, rate: number, channels: number): number;
  opus_decode(
    state: number,
    packet: number,
    bytes: number,
    pcm: number,
    maxFrameSize: number,
    fec: number,
  ): number;
}

const nothing = () => {};

/** One module for all streams: each is a state of some kilobytes in its memory. */
const { instance } = await WebAssembly.instantiate(opusWasm, {
  wasi_snapshot_preview1: {
    fd_seek: nothing,
    fd_write: nothing,
    fd_close: nothing,
    proc_exit: nothing,
  },
  env: { emscripten_notify_memory_growth: nothing },
});
const opus = instance.exports as unknown as Libopus;
opus._initialize();
/** Shared by all, since a call begins and ends with nothing between. */
const pcm = opus.malloc(MAX_PACKET_MS * 48 * 2);
const packetBuffer = opus.malloc(65_536);

/** Starts writing speech of that many Hz. */
export function createOpusEncoder(rate: OpusRate): OpusEncoder {
  const state = opus.malloc(opus.opus_encoder_get_size(1));
  opus.opus_encoder_init(state, rate, 1, APPLICATION_VOIP);
  opus.opus_encoder_ctl_set(state, SET_BITRATE, BITRATE);
  opus.opus_encoder_ctl_set(state, SET_COMPLEXITY, COMPLEXITY);

  return {
    delay: opus.opus_encoder_ctl_get(state, GET_LOOKAHEAD),
    encode(samples) {
      const input = new Int16Array(opus.memory.buffer, pcm, samples.length);
      samples.forEach((sample, i) => {
        const value = Math.round(sample * FULL_SCALE);
        input[i] = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, value));
      });
      const length = opus.opus_encode(state, pcm, samples.length, packetBuffer, MAX_PACKET_BYTES);
      if (length < 0) throw new RangeError(`Cannot encode ${samples.length} samples as Opus`);
      return new Uint8Array(opus.memory.buffer, packetBuffer, length).slice() as Uint8Array<
        ArrayBuffer
      >;
    },
    [Symbol.dispose]: freeOnce(state),
  };
}

/** Starts reading packets, at that many Hz, whatever the rate that they were written at. */
export function createOpusDecoder(rate: OpusRate): OpusDecoder {
  const state = opus.malloc(opus.opus_decoder_get_size(1));
  opus.opus_decoder_init(state, rate, 1);
  const maxSamples = MAX_PACKET_MS * rate / 1000;

  return {
    decode(packet) {
      if (packet.length === 0 || packet.length > 65_536) throw new UnreadableAudio(BROKEN);
      new Uint8Array(opus.memory.buffer, packetBuffer, packet.length).set(packet);
      const length = opus.opus_decode(state, packetBuffer, packet.length, pcm, maxSamples, 0);
      if (length < 0) throw new UnreadableAudio(BROKEN);
      return Float32Array.from(
        new Int16Array(opus.memory.buffer, pcm, length),
        (value) => value / FULL_SCALE,
      );
    },
    [Symbol.dispose]: freeOnce(state),
  };
}

const BROKEN = "it holds a packet that is not Opus";

function freeOnce(address: number): () => void {
  let freed = false;
  return () => {
    if (!freed) opus.free(address);
    freed = true;
  };
}
