import { decodeWav } from "@/audio/wav.ts";
import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } from "@bjorn3/browser_wasi_shim";
import { trimSilence } from "@/engines/tts/flite/trim_silence.ts";

import type { Speech } from "@/engines/tts/engine.ts";
import { EngineError } from "@/errors.ts";
import type { Model } from "@/inference/host.ts";

/** Voices of the embedded Flite build that sound well enough, the default one first. All speak at 16 kHz. */
export const FLITE_VOICES = ["slt", "awb", "rms", "kal16"] as const;

/** Where Flite's program is. */
export interface FliteInit {
  /** Path of `flite.wasm`. */
  readonly path: string;
}

/** One run of Flite. */
export interface FliteJob {
  /** Plain ASCII with something to say, a few hundred characters at most: a run cannot be interrupted. */
  readonly text: string;
  /** Who speaks. */
  readonly voice: typeof FLITE_VOICES[number];
  /** 0.25 to 4, 1 is natural. */
  readonly speed: number;
}

/** The part of an instance's exports that a WASI command needs. */
interface CommandExports {
  readonly memory: WebAssembly.Memory;
  readonly _start: () => unknown;
}

/**
 * Compiles Flite and speaks once with each voice to warm it. The program is a command that ends after one utterance, so every
 * job gets an instance of its own (7 ms).
 *
 * @throws {EngineError} `unavailable` if the program cannot be read or compiled.
 */
export async function loadFlite({ path }: FliteInit): Promise<Model<FliteJob, Speech>> {
  const program = await compile(path);
  const speak = (job: FliteJob) => runFlite(program, job);
  for (const voice of FLITE_VOICES) speak({ text: "Hello, how are you?", voice, speed: 1 });
  return speak;
}

async function compile(path: string): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(await Deno.readFile(path));
  } catch (cause) {
    throw new EngineError(
      `Cannot load the speech synthesiser "flite" from ${path}; fetch it with "deno task models"`,
      { engine: "flite", failure: "unavailable", cause },
    );
  }
}

function runFlite(program: WebAssembly.Module, job: FliteJob): Speech {
  const folder = new Map<string, File>();
  const complain = ConsoleStdout.lineBuffered(() => {}); // it may repeat what it was to say
  // Flite takes whatever follows `-t` as text, be it `--help` or the name of a file.
  const wasi = new WASI(
    [
      ...["flite", "-voice", job.voice],
      ...["--setf", `duration_stretch=${1 / job.speed}`],
      ...["-t", job.text],
      ...["-o", "out.wav"],
    ],
    [],
    [new OpenFile(new File([])), complain, complain, new PreopenDirectory(".", folder)],
    { debug: false },
  );
  try {
    const instance = new WebAssembly.Instance(program, {
      wasi_snapshot_preview1: wasi.wasiImport,
    });
    const code = wasi.start({ exports: instance.exports as unknown as CommandExports });
    const wav = folder.get("out.wav")?.data;
    if (code !== 0 || !wav) throw new Error(`it ended with ${code}`);
    const speech = decodeWav(wav);
    return { ...speech, samples: trimSilence(speech, tailMs(job)) };
  } catch (cause) {
    // Only this instance is lost; the program can run again.
    throw new EngineError(`Flite cannot speak: ${cause instanceof Error ? cause.message : cause}`, {
      engine: "flite",
      failure: "crashed",
      cause,
    });
  }
}

/** Silence after what was said, in ms: longer where a sentence ends than where it goes on. */
function tailMs({ text, speed }: FliteJob): number {
  return (/[.!?]["')]*\s*$/.test(text) ? 180 : 80) / speed;
}
