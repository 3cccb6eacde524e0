import { abortable } from "@std/async/abortable";
import type { Speech, SpeechSynthesiser, SynthesisOptions } from "@/engines/tts/engine.ts";

const SYMBOLS = "abcdefghijklmnopqrstuvwxyz0123456789";
const LOWEST_HZ = 400;
const STEP_HZ = 75;

/** One sentence that was asked for, and what became of it. */
export interface ScriptedCall {
  readonly text: string;
  readonly options: SynthesisOptions;
  /** Settles once the sentence is spoken, aborted or failed. */
  readonly ended: Promise<void>;
  state: "waiting" | "spoken" | "aborted" | "failed";
}

/** How a {@linkcode ScriptedSynthesiser} behaves. */
export interface ScriptedSynthesiserOptions {
  readonly name?: string;
  /** Hz. 16000 by default. */
  readonly sampleRate?: number;
  /** Length of one symbol's tone in ms. 40 by default; at least 15 for `spokenText` to hear it. */
  readonly letterMs?: number;
  /** Longest piece it yields at once, in ms. Whole sentences by default. */
  readonly pieceMs?: number;
  /** Each sentence waits for `release()` or `fail()`. By default all are spoken at once. */
  readonly manual?: boolean;
}

/**
 * A synthesiser whose speech a test can read: one tone for each letter or digit, silence for anything else.
 * `spokenText` turns such audio back into its text.
 */
export class ScriptedSynthesiser implements SpeechSynthesiser {
  readonly name: string;
  readonly voices: readonly string[] = ["tone", "other"];
  /** Every sentence asked for so far, oldest first. */
  readonly calls: ScriptedCall[] = [];
  disposed = false;
  readonly #sampleRate: number;
  readonly #letterMs: number;
  readonly #pieceMs: number;
  readonly #manual: boolean;
  readonly #gates: PromiseWithResolvers<void>[] = [];
  readonly #arrivals: PromiseWithResolvers<void>[] = [];

  constructor(
    { name = "scripted", sampleRate = 16_000, letterMs = 40, pieceMs = Infinity, manual = false }:
      ScriptedSynthesiserOptions = {},
  ) {
    this.name = name;
    this.#sampleRate = sampleRate;
    this.#letterMs = letterMs;
    this.#pieceMs = pieceMs;
    this.#manual = manual;
  }

  async *synthesize(text: string, options: SynthesisOptions): AsyncGenerator<Speech> {
    options.signal.throwIfAborted();
    const ended = Promise.withResolvers<void>();
    const call: ScriptedCall = { text, options, ended: ended.promise, state: "waiting" };
    this.calls.push(call);
    for (const arrival of this.#arrivals.splice(0)) arrival.resolve();
    try {
      if (this.#manual) await this.#gate(options.signal);
      const speed = options.speed ?? 1;
      const samples = tones(text, {
        sampleRate: this.#sampleRate,
        letterMs: this.#letterMs / speed,
      });
      const step = Math.min(samples.length, Math.ceil(this.#pieceMs * this.#sampleRate / 1000));
      for (let start = 0; start < samples.length; start += step) {
        options.signal.throwIfAborted();
        yield { samples: samples.slice(start, start + step), sampleRate: this.#sampleRate };
      }
      call.state = "spoken";
    } catch (error) {
      call.state = options.signal.aborted ? "aborted" : "failed";
      throw error;
    } finally {
      if (call.state === "waiting") call.state = "aborted";
      ended.resolve();
    }
  }

  /** Lets the oldest waiting sentence be spoken. */
  release(): void {
    this.#takeGate().resolve();
  }

  /** Makes the oldest waiting sentence fail. */
  fail(error: Error): void {
    this.#takeGate().reject(error);
  }

  /** Settles once `count` sentences have been asked for in all. */
  async called(count: number): Promise<void> {
    while (this.calls.length < count) {
      const arrival = Promise.withResolvers<void>();
      this.#arrivals.push(arrival);
      await arrival.promise;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }

  async #gate(signal: AbortSignal): Promise<void> {
    const gate = Promise.withResolvers<void>();
    this.#gates.push(gate);
    try {
      await abortable(gate.promise, signal);
    } finally {
      const index = this.#gates.indexOf(gate);
      if (index >= 0) this.#gates.splice(index, 1);
    }
  }

  #takeGate(): PromiseWithResolvers<void> {
    const gate = this.#gates.shift();
    if (!gate) throw new Error("No sentence is waiting");
    return gate;
  }
}

/** How fast and at which rate symbols sound. */
export interface ToneOptions {
  /** Hz. */
  readonly sampleRate: number;
  /** Length of one symbol, in ms. */
  readonly letterMs: number;
}

/** The audio that {@linkcode ScriptedSynthesiser} makes of a text; none for a text without letters or digits. */
export function tones(
  text: string,
  { sampleRate, letterMs }: ToneOptions,
): Float32Array<ArrayBuffer> {
  const symbols = [...text.toLowerCase()];
  if (!symbols.some((symbol) => SYMBOLS.includes(symbol))) return new Float32Array();
  const slot = Math.round(sampleRate * letterMs / 1000);
  const samples = new Float32Array(symbols.length * slot);
  for (const [index, symbol] of symbols.entries()) {
    const hz = toneOf(symbol);
    if (hz === undefined) continue;
    const step = 2 * Math.PI * hz / sampleRate;
    for (let i = 0; i < slot; i++) samples[index * slot + i] = 0.5 * Math.sin(step * i);
  }
  return samples;
}

/** The frequency of a letter or digit in Hz; nothing else has one. */
export function toneOf(symbol: string): number | undefined {
  const rank = SYMBOLS.indexOf(symbol);
  return rank < 0 ? undefined : LOWEST_HZ + rank * STEP_HZ;
}

/**
 * Reads the text back from audio made by {@linkcode tones}, also after resampling: lower case, with a space for
 * each symbol that has no tone. Half a symbol at the end counts as one.
 */
export function spokenText(
  samples: Float32Array<ArrayBufferLike>,
  { sampleRate, letterMs }: ToneOptions = { sampleRate: 16_000, letterMs: 40 },
): string {
  const slot = Math.round(sampleRate * letterMs / 1000);
  let text = "";
  for (let start = 0; start + slot / 2 <= samples.length; start += slot) {
    text += loudestSymbol(samples.subarray(start, start + slot), sampleRate);
  }
  return text;
}

function loudestSymbol(slot: Float32Array<ArrayBufferLike>, sampleRate: number): string {
  let best = " ";
  let bestLevel = 0.1;
  for (const symbol of SYMBOLS) {
    const level = levelAt(slot, toneOf(symbol)!, sampleRate);
    if (level > bestLevel) [best, bestLevel] = [symbol, level];
  }
  return best;
}

/** How loud one frequency is, 1 for a full sine. */
export function levelAt(samples: Float32Array<ArrayBufferLike>, hz: number, rate: number): number {
  const step = 2 * Math.PI * hz / rate;
  let real = 0;
  let imaginary = 0;
  for (const [i, sample] of samples.entries()) {
    real += sample * Math.cos(step * i);
    imaginary += sample * Math.sin(step * i);
  }
  return 2 * Math.hypot(real, imaginary) / samples.length;
}
