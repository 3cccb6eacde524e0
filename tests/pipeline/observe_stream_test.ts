import { deepStrictEqual as deepEqual, rejects } from "node:assert/strict";
import { ObserveStream } from "@/pipeline/observe_stream.ts";

Deno.test("an observed stream shows every part before it passes it on", async () => {
  const seen: string[] = [];
  const parts = ReadableStream.from(["a", "b"])
    .pipeThrough(new ObserveStream((part) => seen.push(`saw ${part}`)));

  for await (const part of parts) seen.push(`got ${part}`);

  deepEqual(seen.filter((each) => each.endsWith("a")), ["saw a", "got a"]);
  deepEqual(seen.filter((each) => each.endsWith("b")), ["saw b", "got b"]);
});

Deno.test("what an observer throws errors the stream", async () => {
  const failure = new Error("no");
  const parts = ReadableStream.from(["a"]).pipeThrough(
    new ObserveStream(() => {
      throw failure;
    }),
  );

  const read = Array.fromAsync(parts);

  await rejects(read, (error) => error === failure);
});
