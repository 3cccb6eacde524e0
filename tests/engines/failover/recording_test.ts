import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { record } from "@/engines/failover/recording.ts";

Deno.test("every replay holds all that came before it was asked for, and all that comes after", async () => {
  const { readable, writable } = new TransformStream<number, number>();
  const writer = writable.getWriter();
  const recording = record(readable);
  await writer.write(1);
  const early = Array.fromAsync(recording.replay());
  await writer.write(2);

  const late = Array.fromAsync(recording.replay());
  await writer.write(3);
  await writer.close();

  deepEqual([await early, await late], [[1, 2, 3], [1, 2, 3]]);
  await recording.ended;
  equal(readable.locked, false);
});

Deno.test("a recording is made at arrival speed, though nobody listens", async () => {
  const source = ReadableStream.from([1, 2, 3]);

  const recording = record(source);
  await recording.ended;

  deepEqual(await Array.fromAsync(recording.replay()), [1, 2, 3]);
});

Deno.test("a source that fails is told by signal, and fails every replay behind what came", async () => {
  const error = new Error("microphone gone");
  const recording = record(ReadableStream.from((async function* () {
    yield await Promise.resolve(1);
    throw error;
  })()));
  const heard: number[] = [];

  const replay = (async () => {
    for await (const each of recording.replay()) heard.push(each);
  })();

  await rejects(replay, (reason) => reason === error);
  deepEqual(heard, [1]);
  equal(recording.failed.reason, error);
});

Deno.test("letting the source go cancels it, and ends every replay", async () => {
  let cancelled: unknown;
  const source = new ReadableStream<number>({ cancel: (reason) => void (cancelled = reason) });
  const recording = record(source);
  const replay = Array.fromAsync(recording.replay());

  recording.cancel("enough");

  deepEqual(await replay, []);
  deepEqual([cancelled, source.locked, recording.failed.aborted], ["enough", false, false]);
});

Deno.test("who stops listening to a replay ends neither the recording nor another replay", async () => {
  const { readable, writable } = new TransformStream<number, number>();
  const writer = writable.getWriter();
  const recording = record(readable);
  const other = Array.fromAsync(recording.replay());

  await recording.replay().cancel();
  await writer.write(1);
  await writer.close();

  deepEqual(await other, [1]);
});
