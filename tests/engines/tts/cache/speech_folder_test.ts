import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { openSpeechFolder } from "@/engines/tts/cache/speech_folder.ts";
import type { Speech } from "@/engines/tts/engine.ts";

const spoken: Speech[] = [
  {
    samples: Float32Array.of(0, 0.5, -1),
    sampleRate: 24_000,
    words: [{ word: "Hi", startSample: 1 }],
  },
  { samples: Float32Array.of(0.25), sampleRate: 24_000 },
];

async function withFolder(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await run(join(dir, "speech"));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function names(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).toSorted();
}

Deno.test("speech in a folder outlives the process, in one piece with its words", async () => {
  await withFolder(async (dir) => {
    {
      await using folder = await openSpeechFolder({ dir, maxBytes: 10_000 });
      folder.write("key", spoken);
    }

    await using folder = await openSpeechFolder({ dir, maxBytes: 10_000 });

    deepEqual(await folder.read("key"), {
      samples: Float32Array.of(0, 0.5, -1, 0.25),
      sampleRate: 24_000,
      words: [{ word: "Hi", startSample: 1 }],
    });
    equal(await folder.read("other"), undefined);
  });
});

Deno.test("only the owner may look into the folder", async () => {
  await withFolder(async (dir) => {
    {
      await using folder = await openSpeechFolder({ dir, maxBytes: 10_000 });
      folder.write("key", spoken);
    }

    equal((await Deno.stat(dir)).mode! & 0o077, 0);
    equal((await Deno.stat(join(dir, "key.speech"))).mode! & 0o077, 0);
  });
});

Deno.test("a full folder forgets what was not read the longest, also when it is opened", async () => {
  await withFolder(async (dir) => {
    const large = [{ samples: new Float32Array(1_000), sampleRate: 16_000 }];
    {
      await using folder = await openSpeechFolder({ dir, maxBytes: 7_000 });
      for (const key of ["a", "b", "c"]) folder.write(key, large);
    }
    for (const [age, key] of ["c", "b", "a"].entries()) {
      await Deno.utime(join(dir, `${key}.speech`), 1000 - age, 1000 - age);
    }
    {
      await using folder = await openSpeechFolder({ dir, maxBytes: 7_000 });
      await folder.read("a");
      folder.write("d", large);
    }

    deepEqual(names(dir), ["a.speech", "c.speech", "d.speech"]);
    await (await openSpeechFolder({ dir, maxBytes: 0 }))[Symbol.asyncDispose]();
    deepEqual(names(dir), []);
  });
});

Deno.test("speech larger than the whole folder is not kept, and drives nothing out", async () => {
  await withFolder(async (dir) => {
    const larger = [{ samples: new Float32Array(4_000), sampleRate: 16_000 }];
    await using folder = await openSpeechFolder({ dir, maxBytes: 7_000 });
    folder.write("key", spoken);

    folder.write("larger", larger);
    await folder[Symbol.asyncDispose]();

    deepEqual(names(dir), ["key.speech"]);
  });
});

Deno.test("a damaged file is no speech, and goes away", async () => {
  await withFolder(async (dir) => {
    {
      await using folder = await openSpeechFolder({ dir, maxBytes: 10_000 });
      for (const key of ["short", "empty", "strange"]) folder.write(key, spoken);
    }
    const whole = await Deno.readFile(join(dir, "short.speech"));
    await Deno.writeFile(join(dir, "short.speech"), whole.subarray(0, -2));
    await Deno.writeFile(join(dir, "empty.speech"), new Uint8Array());
    await Deno.writeTextFile(join(dir, "strange.speech"), '{"sampleRate":"fast"}\n');

    await using folder = await openSpeechFolder({ dir, maxBytes: 10_000 });

    for (const key of ["short", "empty", "strange"]) equal(await folder.read(key), undefined);
    deepEqual(names(dir), []);
  });
});

Deno.test("what a crash left half written is cleared away", async () => {
  await withFolder(async (dir) => {
    await Deno.mkdir(dir);
    await Deno.writeTextFile(join(dir, "key.1.partial"), "half");

    await using _folder = await openSpeechFolder({ dir, maxBytes: 10_000 });

    deepEqual(names(dir), []);
  });
});

Deno.test("a folder that cannot be written to costs nothing but the cache", async () => {
  await withFolder(async (dir) => {
    await using folder = await openSpeechFolder({ dir, maxBytes: 10_000 });
    await Deno.remove(dir);

    folder.write("key", spoken);
    await folder[Symbol.asyncDispose]();

    ok(await folder.read("key") === undefined);
  });
});
