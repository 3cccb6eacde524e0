import { createDecoder, encodeSamples } from "@/audio/codec.ts";
import { createResampler } from "@/audio/resample.ts";
import { encodingOf, sampleRateOf } from "@/conversation/audio_format.ts";
import type { AudioFormat } from "@/conversation/settings.ts";

/**
 * Audio that one session keeps, in bytes: 32 s of what the user said, or 22 s of what the assistant said at 24 kHz.
 * Whoever asks for an item's audio asks soon after it joined the conversation.
 */
export const MAX_AUDIO_BYTES = 1024 * 1024;

/** How the audio of an item is kept, and handed out. */
export interface RecordingFormats {
  /** Of the samples that are recorded. */
  readonly kept: AudioFormat;
  /** What the client gets. */
  readonly wanted: AudioFormat;
}

/**
 * The audio of the last items of one session, in memory and nowhere else. When there is too much of it the oldest
 * items lose theirs; an item never keeps a part of its audio.
 */
export interface AudioMemory {
  /** Begins to keep an item's audio. The function returned takes more of it, −1 to 1. */
  record(itemId: string, formats: RecordingFormats): (samples: Float32Array) => void;
  /** Samples recorded of an item; 0 if none are kept. */
  samplesOf(itemId: string): number;
  /** From now on an item's audio is its first `samples`. A later cut takes the place of an earlier one. */
  cut(itemId: string, samples: number): void;
  /** An item's audio in the format that was wanted; `undefined` if it is not kept. */
  read(itemId: string): Uint8Array<ArrayBuffer> | undefined;
  /** Drops an item's audio. */
  forget(itemId: string): void;
}

interface Recording extends RecordingFormats {
  readonly chunks: Uint8Array<ArrayBuffer>[];
  samples: number;
  bytes: number;
  /** In samples. */
  end: number;
}

/** Starts keeping the audio of one session. */
export function createAudioMemory(): AudioMemory {
  const recordings = new Map<string, Recording>();
  let bytes = 0;

  function forget(itemId: string): void {
    bytes -= recordings.get(itemId)?.bytes ?? 0;
    recordings.delete(itemId);
  }

  function makeRoom(): void {
    for (const itemId of recordings.keys()) {
      if (bytes <= MAX_AUDIO_BYTES) return;
      forget(itemId);
    }
  }

  return {
    record(itemId, formats) {
      const recording: Recording = {
        ...formats,
        chunks: [],
        samples: 0,
        bytes: 0,
        end: Infinity,
      };
      recordings.set(itemId, recording);
      return (samples) => {
        if (recordings.get(itemId) !== recording) return;
        const chunk = encodeSamples(samples, encodingOf(formats.kept));
        recording.chunks.push(chunk);
        recording.samples += samples.length;
        recording.bytes += chunk.length;
        bytes += chunk.length;
        makeRoom();
      };
    },
    samplesOf: (itemId) => recordings.get(itemId)?.samples ?? 0,
    cut(itemId, samples) {
      const recording = recordings.get(itemId);
      if (recording !== undefined) recording.end = samples;
    },
    read(itemId) {
      const recording = recordings.get(itemId);
      return recording && convert(recordedBytes(recording), recording);
    },
    forget,
  };
}

function recordedBytes({ chunks, samples, bytes, end }: Recording): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return end < samples ? all.subarray(0, bytes / samples * end) : all;
}

function convert(
  bytes: Uint8Array<ArrayBuffer>,
  { kept, wanted }: RecordingFormats,
): Uint8Array<ArrayBuffer> {
  const encoding = encodingOf(wanted);
  if (encodingOf(kept) === encoding && sampleRateOf(kept) === sampleRateOf(wanted)) return bytes;
  using resampler = createResampler(sampleRateOf(kept), sampleRateOf(wanted));
  const samples = resampler.process(createDecoder(encodingOf(kept))(bytes));
  const rest = resampler.flush();
  const all = new Float32Array(samples.length + rest.length);
  all.set(samples);
  all.set(rest, samples.length);
  return encodeSamples(all, encoding);
}
