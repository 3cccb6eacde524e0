import { type Circuit, createCircuit, disposeCircuits } from "@/engines/failover/circuit.ts";
import { failOver, type FailoverOptions } from "@/engines/failover/fail_over.ts";
import type { Speech, SpeechSynthesiser } from "@/engines/tts/engine.ts";

/** Until the first audio of a sentence, in ms. */
const FIRST_AUDIO_MS = 5000;

/**
 * Makes one synthesiser of several. Each sentence is spoken by the first that can, and by that one alone: if it
 * breaks off, the sentence ends there. Whoever fails, before or in a sentence, leaves the rest of that response to
 * the others, so that voices do not alternate, and nobody waits for the same engine twice. A voice is looked for in
 * each of them; the one that does not have it speaks in its own.
 */
export function failOverSynthesisers(
  synthesisers: readonly SpeechSynthesiser[],
  { deadlineMs = FIRST_AUDIO_MS, ...circuit }: FailoverOptions = {},
): SpeechSynthesiser {
  const circuits = synthesisers.map((synthesiser) =>
    createCircuit(
      synthesiser,
      (asked, signal) => Array.fromAsync(asked.synthesize("Hello.", { signal, anew: true })),
      circuit,
    )
  );
  /** Who failed in a response, which is known by its signal. */
  const failed = new WeakMap<AbortSignal, SpeechSynthesiser[]>();

  function failedIn(signal: AbortSignal): readonly SpeechSynthesiser[] {
    return failed.get(signal) ?? [];
  }

  return {
    name: synthesisers.map(({ name }) => name).join(","),
    get voices() {
      return [...new Set(synthesisers.flatMap(({ voices }) => voices))];
    },
    synthesize: (text, options) =>
      failOver<SpeechSynthesiser, Speech>(withLast(circuits, failedIn(options.signal)), {
        ...options,
        ask: (synthesiser, signal) => synthesiser.synthesize(text, { ...options, signal }),
        binds: () => true,
        proves: ({ kept }) => kept !== true,
        deadlineMs,
        onFailure: (synthesiser) =>
          void failed.set(options.signal, [...failedIn(options.signal), synthesiser]),
        broken: () => ({ samples: new Float32Array(), sampleRate: 24_000, brokenOff: true }),
      }),
    [Symbol.asyncDispose]: () => disposeCircuits(circuits),
  };
}

/** Those to be avoided come last: they may be all there are. */
function withLast(
  circuits: readonly Circuit<SpeechSynthesiser>[],
  avoided: readonly SpeechSynthesiser[],
): Circuit<SpeechSynthesiser>[] {
  return circuits.toSorted((a, b) =>
    Number(avoided.includes(a.engine)) - Number(avoided.includes(b.engine))
  );
}
