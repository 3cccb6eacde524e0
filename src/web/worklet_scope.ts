/** A processor of sound, on the audio thread. */
export interface WorkletProcessor {
  /** The way to the page. */
  readonly port: MessagePort;
}

/** The globals of an AudioWorklet, which no TypeScript library declares. */
export interface WorkletScope {
  /** Of the AudioContext, in Hz. */
  readonly sampleRate: number;
  /** The class to extend. */
  readonly AudioWorkletProcessor: new () => WorkletProcessor;
  /** Makes a processor known by name. */
  registerProcessor(
    name: string,
    processor: new () => WorkletProcessor & {
      process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
    },
  ): void;
}

/** The globals of the AudioWorklet this runs in. */
export const scope: WorkletScope = globalThis as unknown as WorkletScope;
