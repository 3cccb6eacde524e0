import {
  BufferSource,
  type EncodedPacket,
  EncodedPacketSink,
  FLAC,
  Input,
  type InputAudioTrack,
  type InputFormat,
  MATROSKA,
  MP3,
  OGG,
  WAVE,
  WEBM,
} from "mediabunny";
import { openPacketDecoder, type PacketFormat } from "@/audio/packet_decoder.ts";
import { createResampler } from "@/audio/resample.ts";
import { isCutOff, withLengths } from "@/audio/riff.ts";
import { UnreadableAudio } from "@/audio/unreadable_audio.ts";

/** The containers that are looked for, each by what the file begins with. Nothing else is ever tried. */
const CONTAINERS = [WAVE, MP3, OGG, WEBM, MATROSKA, FLAC];

/** Containers that write the length down when they know it; MP3 is only guessed. */
const STATE_LENGTH: readonly InputFormat[] = [FLAC, WEBM, MATROSKA];

/** So much may be missing of what a file says its length is, in seconds: writers round, and count silence differently. */
const TOLERANCE_S = 0.5;

/** Least rate of a recording, in Hz, and highest. */
const RATES = { min: 8_000, max: 192_000 };

/**
 * Reads a recording: WAV (PCM of 8 to 64 bits, G.711), MP3, FLAC, and Opus in Ogg, WebM or Matroska. What it is
 * is told by its content. It is decoded as it is read: a slow reader is all that slows it.
 *
 * @returns pieces of it: mono, −1 to 1, at `sampleRate` Hz
 * @throws {UnreadableAudio} at the first piece if it is no such file; at a later one, or at the end, if it is broken
 * or says that it is longer than it is. An MP3 that is cut off or broken in the middle is read as far as it goes.
 */
export async function* readRecording(
  file: Uint8Array<ArrayBuffer>,
  { sampleRate }: { readonly sampleRate: number },
): AsyncGenerator<Float32Array<ArrayBuffer>> {
  if (file.length === 0) throw new UnreadableAudio("it is empty");
  if (isCutOff(file)) throw new UnreadableAudio(CUT_OFF);
  using input = new Input({
    source: new BufferSource(withLengths(file)),
    formats: CONTAINERS,
  });
  const { format, track, statedSeconds } = await openTrack(input).catch((error) => {
    throw blame(error);
  });
  using decoder = await openPacketDecoder(format);
  using resampler = createResampler(decoder.sampleRate, sampleRate);

  let seconds = 0;
  for await (const packet of packetsOf(track)) {
    const samples = await decoder.decode(packet.data);
    seconds += samples.length / decoder.sampleRate;
    yield resampler.process(samples);
  }
  if (seconds + TOLERANCE_S < statedSeconds) throw new UnreadableAudio(CUT_OFF);
  if (seconds === 0) throw new UnreadableAudio("it holds no audio");
  yield resampler.flush();
}

const CUT_OFF = "it is cut off, shorter than it says it is";

interface OpenTrack {
  readonly track: InputAudioTrack;
  readonly format: PacketFormat;
  /** 0 where the file does not say. */
  readonly statedSeconds: number;
}

async function openTrack(input: Input): Promise<OpenTrack> {
  if (!await input.canRead()) {
    throw new UnreadableAudio("it is not WAV, MP3, FLAC, or Opus in Ogg or WebM");
  }
  const container = await input.getFormat();
  const track = await input.getPrimaryAudioTrack();
  const codec = await track?.getCodec();
  const config = codec && await track?.getDecoderConfig();
  if (!track || !codec || !config) {
    throw new UnreadableAudio("it has no audio that can be decoded");
  }
  const { sampleRate, numberOfChannels, description } = config;
  if (sampleRate < RATES.min || sampleRate > RATES.max || numberOfChannels < 1) {
    throw new UnreadableAudio(
      `its rate of ${sampleRate} Hz is not from ${RATES.min} to ${RATES.max} Hz`,
    );
  }
  const format = {
    codec,
    sampleRate,
    channels: numberOfChannels,
    description: description === undefined ? undefined : bytesOf(description),
  };
  const statedSeconds = STATE_LENGTH.includes(container)
    ? await track.getDurationFromMetadata() ?? 0
    : 0;
  return { track, format, statedSeconds };
}

async function* packetsOf(track: InputAudioTrack): AsyncGenerator<EncodedPacket> {
  try {
    yield* new EncodedPacketSink(track).packets();
  } catch (error) {
    throw blame(error);
  }
}

/** Whatever the demuxer fails with, the file is to blame. */
function blame(error: unknown): UnreadableAudio {
  if (error instanceof UnreadableAudio) return error;
  return new UnreadableAudio("it is broken, cut off, or of a kind that cannot be decoded", {
    cause: error,
  });
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}
