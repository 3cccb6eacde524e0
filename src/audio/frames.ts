import { type AudioFrame, FRAME_SAMPLES } from "@/audio/frame.ts";

/** Cuts one stream of samples into pieces of one length. */
export interface Framer {
  /** The frames that `samples` complete, each in memory of its own. What is left waits for the next call. */
  push(samples: Float32Array): AudioFrame[];
  /**
   * Ends the stream: the samples left over, filled up to a frame with silence, so that nothing that was said is
   * lost; `undefined` if none are. What is pushed next is a new stream.
   */
  flush(): AudioFrame | undefined;
}

/** Starts cutting a stream into pieces of so many samples: frames, unless it is told otherwise. */
export function createFramer(length: number = FRAME_SAMPLES): Framer {
  let frame: AudioFrame = new Float32Array(length);
  let filled = 0;

  function push(samples: Float32Array): AudioFrame[] {
    const frames: AudioFrame[] = [];
    for (let read = 0; read < samples.length;) {
      const part = samples.subarray(read, read + length - filled);
      frame.set(part, filled);
      filled += part.length;
      read += part.length;
      if (filled === length) {
        frames.push(frame);
        frame = new Float32Array(length);
        filled = 0;
      }
    }
    return frames;
  }

  function flush(): AudioFrame | undefined {
    if (filled === 0) return undefined;
    const last = frame;
    frame = new Float32Array(length);
    filled = 0;
    return last;
  }

  return { push, flush };
}
