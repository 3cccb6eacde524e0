import { rejects, strictEqual as equal } from "node:assert/strict";
import { abortable } from "@std/async/abortable";

Deno.test("abortable gives what the promise gives", async () => {
  const { signal } = new AbortController();

  equal(await abortable(Promise.resolve("hello"), signal), "hello");
  await rejects(abortable(Promise.reject(new Error("boom")), signal), /boom/);
});

Deno.test("abortable stops waiting once the signal aborts, with its reason", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");

  const waiting = abortable(new Promise(() => {}), controller.signal);
  controller.abort(reason);

  await rejects(waiting, (error) => error === reason);
});

Deno.test("abortable does not wait at all on a signal that has aborted", async () => {
  const signal = AbortSignal.abort();

  const waiting = abortable(new Promise(() => {}), signal);

  await rejects(waiting, { name: "AbortError" });
});

Deno.test("a promise that fails after the abort is not an unhandled rejection", async () => {
  const controller = new AbortController();
  const late = Promise.withResolvers<void>();

  const waiting = abortable(late.promise, controller.signal);
  controller.abort();
  await rejects(waiting, { name: "AbortError" });
  late.reject(new Error("too late"));

  await new Promise((resolve) => setTimeout(resolve));
});
