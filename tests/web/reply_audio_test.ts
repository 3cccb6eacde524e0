import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { BYTES_PER_MS } from "@/web/player.ts";
import { ReplyAudio } from "@/web/reply_audio.ts";

function sound(ms: number): ArrayBuffer {
  return new ArrayBuffer(ms * BYTES_PER_MS);
}

Deno.test("a frame outside of any item belongs to none", () => {
  const audio = new ReplyAudio();
  audio.begin("a1", "r1");
  audio.end("a1");

  equal(audio.accept(sound(20)), undefined);
});

Deno.test("an item is never cut behind what was received of it", () => {
  const audio = new ReplyAudio();
  audio.begin("a1", "r1");
  audio.accept(sound(100));

  const cut = audio.interrupt("r1");

  deepEqual(cut({ itemId: "a1", playedMs: 250 }), [{ itemId: "a1", audioEndMs: 100 }]);
});

Deno.test("an item that waits behind the one that plays was not heard at all", () => {
  const audio = new ReplyAudio();
  audio.begin("a1", "r1");
  audio.accept(sound(100));
  audio.end("a1");
  audio.begin("a2", "r2");
  audio.accept(sound(100));

  const cut = audio.interrupt("r2");

  deepEqual(cut({ itemId: "a1", playedMs: 60 }), [
    { itemId: "a1", audioEndMs: 60 },
    { itemId: "a2", audioEndMs: 0 },
  ]);
});

Deno.test("an item that was played before the one that plays is left alone", () => {
  const audio = new ReplyAudio();
  audio.begin("a1", "r1");
  audio.accept(sound(100));
  audio.end("a1");
  audio.begin("a2", "r2");
  audio.accept(sound(100));

  const cut = audio.interrupt("r2");

  deepEqual(cut({ itemId: "a2", playedMs: 30 }), [{ itemId: "a2", audioEndMs: 30 }]);
});

Deno.test("a reply that was not heard at all is cut at its beginning", () => {
  const audio = new ReplyAudio();
  audio.begin("a1", "r1");
  audio.accept(sound(100));

  const cut = audio.interrupt("r1");

  deepEqual(cut(undefined), [{ itemId: "a1", audioEndMs: 0 }]);
});

Deno.test("a reply is cut once", () => {
  const audio = new ReplyAudio();
  audio.begin("a1", "r1");
  audio.accept(sound(100));
  audio.interrupt("r1");

  const again = audio.interrupt("r1");

  deepEqual(again(undefined), []);
});
