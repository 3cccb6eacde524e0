import { MPEGDecoder } from "mpg123-decoder";

/** Samples of an MP3 stream, mono. */
export interface Mp3Samples {
  /** −1 to 1. */
  readonly samples: Float32Array<ArrayBuffer>;
  /** Hz; 0 while there are no samples. */
  readonly sampleRate: number;
}

/** Decodes one MP3 stream as it comes. Its owner disposes of it. */
export interface Mp3Decoder extends Disposable {
  /**
   * The samples that these bytes complete, cut anywhere. Several channels are mixed. What is no MP3 is skipped
   * without a word: a stream that yields nothing was none.
   */
  decode(bytes: Uint8Array): Mp3Samples;
}

/** Starts to decode a stream. Takes about 1 ms once the first has been. */
export async function createMp3Decoder(): Promise<Mp3Decoder> {
  const decoder = new MPEGDecoder();
  await decoder.ready;

  return {
    decode(bytes) {
      const { channelData, samplesDecoded, sampleRate } = decoder.decode(bytes);
      const samples = new Float32Array(samplesDecoded);
      for (const channel of channelData) {
        for (let i = 0; i < samples.length; i++) samples[i]! += channel[i]! / channelData.length;
      }
      return { samples, sampleRate };
    },
    [Symbol.dispose]: () => decoder.free(),
  };
}
