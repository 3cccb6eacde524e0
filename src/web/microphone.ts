/// <reference lib="dom" />
import { meterLevel } from "@/web/level.ts";

/** A microphone that is open. */
export interface Microphone {
  /** Loudness now: 0 for silence to 1 for full scale, even in decibels. */
  level(): number;
  /** Whether it sends silence. */
  muted: boolean;
  /** Ends it and gives it back to the system. */
  close(): Promise<void>;
}

/** Whom an open microphone tells. */
export interface MicrophoneOptions {
  /** Sound for the wire, 20 ms at a time. */
  readonly onAudio: (pcm: Uint8Array<ArrayBuffer>) => void;
  /** It was unplugged, or its permission was taken back. */
  readonly onEnded: () => void;
}

/**
 * Asks for the microphone and opens it, with the browser's echo cancellation, so that the server does not hear
 * itself. Must follow a gesture of the user.
 *
 * @throws {DOMException} `NotAllowedError` when refused, `NotFoundError` when there is none,
 *   `NotReadableError` when another program holds it, `SecurityError` where the page may not ask.
 */
export async function openMicrophone(options: MicrophoneOptions): Promise<Microphone> {
  // Absent on pages that are neither https nor localhost.
  if (navigator.mediaDevices === undefined) {
    throw new DOMException("Cannot open the microphone of an insecure page", "SecurityError");
  }
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: {
      channelCount: 1,
      echoCancellation: true,
      // Measured in Chromium: it costs the recogniser words ("loud" became "not"), as noise removers do.
      noiseSuppression: false,
      autoGainControl: true,
    },
  });
  // At the rate of the device: not every browser connects a microphone to a context of another rate.
  const context = new AudioContext({ latencyHint: "interactive" });
  try {
    return await connect(context, stream, options);
  } catch (error) {
    release(stream);
    await context.close();
    throw error;
  }
}

async function connect(
  context: AudioContext,
  stream: MediaStream,
  { onAudio, onEnded }: MicrophoneOptions,
): Promise<Microphone> {
  await context.audioWorklet.addModule(new URL("./capture_worklet.js", import.meta.url));
  const source = context.createMediaStreamSource(stream);
  const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  source.connect(capture);
  source.connect(analyser);
  capture.port.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => onAudio(new Uint8Array(data));
  const samples = new Float32Array(analyser.fftSize);
  const [track] = stream.getAudioTracks();
  track?.addEventListener("ended", onEnded);
  await context.resume();

  return {
    level() {
      analyser.getFloatTimeDomainData(samples);
      return meterLevel(samples);
    },
    get muted() {
      return track?.enabled === false;
    },
    set muted(muted) {
      if (track) track.enabled = !muted;
    },
    async close() {
      track?.removeEventListener("ended", onEnded);
      capture.port.onmessage = null;
      release(stream);
      await context.close();
    },
  };
}

function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
