import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { createOutbound } from "@/realtime/outbound.ts";
import { FakeSocket } from "./wire.ts";

const limits = { highWaterMark: 10, maxQueued: 100, onOverflow: () => {} };

Deno.test("frames go to the socket at once while it takes them", () => {
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, limits);

  outbound.send("a");
  outbound.send(new Uint8Array([1]));

  deepEqual(socket.sent, ["a", new Uint8Array([1])]);
});

Deno.test("frames wait in order while the socket is full", () => {
  using time = new FakeTime();
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, limits);
  socket.bufferedAmount = 11;
  outbound.send("a");
  outbound.send("b");
  time.tick(100);
  deepEqual(socket.sent, []);

  socket.bufferedAmount = 10;
  time.tick(10);

  deepEqual(socket.sent, ["a", "b"]);
});

Deno.test("no frame overtakes those that wait, even when the socket has room again", () => {
  using time = new FakeTime();
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, limits);
  socket.bufferedAmount = 11;
  outbound.send("a");
  socket.bufferedAmount = 0;

  outbound.send("b");
  time.tick(10);

  deepEqual(socket.sent, ["a", "b"]);
});

Deno.test("a client that does not read is reported once, and nothing of it is kept", () => {
  let overflows = 0;
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, { ...limits, onOverflow: () => overflows++ });
  socket.bufferedAmount = 11;
  outbound.send("x".repeat(100));
  equal(overflows, 0);

  outbound.send("y");
  outbound.send("z");
  outbound.close({ code: 1008, reason: "" });

  equal(overflows, 1);
  deepEqual(socket.sent, []);
  deepEqual(socket.closed, { code: 1008, reason: "" });
});

Deno.test("the speech of one response is taken back, that of others and all events stay", () => {
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, limits);
  socket.bufferedAmount = 11;
  outbound.send("audio 1", "resp_1");
  outbound.send("text");
  outbound.send("audio 2", "resp_2");

  outbound.dropAudio("resp_1");
  outbound.close({ code: 1000, reason: "" });

  deepEqual(socket.sent, ["text", "audio 2"]);
});

Deno.test("speech that is taken back makes room in the queue", () => {
  let overflows = 0;
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, { ...limits, onOverflow: () => overflows++ });
  socket.bufferedAmount = 11;
  outbound.send("x".repeat(90), "resp_1");

  outbound.dropAudio("resp_1");
  outbound.send("y".repeat(90));
  outbound.close();

  equal(overflows, 0);
});

Deno.test("frames that were sent make room in the queue", () => {
  using time = new FakeTime();
  let overflows = 0;
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, { ...limits, onOverflow: () => overflows++ });
  socket.bufferedAmount = 11;
  outbound.send("x".repeat(90));
  socket.bufferedAmount = 0;
  time.tick(10);
  socket.bufferedAmount = 11;

  outbound.send("y".repeat(90));
  outbound.close();

  equal(overflows, 0);
});

Deno.test("there is room at once while the socket takes frames, else when it has drained", async () => {
  using time = new FakeTime();
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, limits);
  await outbound.room();
  socket.bufferedAmount = 11;
  let room = false;
  const waiting = outbound.room().then(() => room = true);
  await time.tickAsync(100);
  equal(room, false);

  socket.bufferedAmount = 0;
  await time.tickAsync(10);
  await waiting;

  equal(room, true);
});

Deno.test("whoever waits for room is released when the queue closes, and the timer ends", async () => {
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, limits);
  socket.bufferedAmount = 11;
  const waiting = outbound.room();

  outbound.close();

  await waiting;
  await outbound.room();
});

Deno.test("closing sends what waits, then the close frame, and nothing after it", () => {
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, limits);
  socket.bufferedAmount = 11;
  outbound.send("last words");

  outbound.close({ code: 1001, reason: "bye" });
  outbound.send("late");

  deepEqual(socket.sent, ["last words"]);
  deepEqual(socket.closed, { code: 1001, reason: "bye" });
});

Deno.test("nothing is sent to a socket that is closing", () => {
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, limits);
  socket.readyState = 2;

  outbound.send("a");

  deepEqual(socket.sent, []);
});

Deno.test("frames that are to be made are made when the socket takes them, in order, and no number of them is too many", () => {
  using time = new FakeTime();
  let overflows = 0;
  let made = 0;
  function* frames() {
    while (made < 3) yield `${++made}`.padEnd(90);
  }
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, { ...limits, onOverflow: () => overflows++ });
  socket.bufferedAmount = 11;
  outbound.send("first");
  outbound.sendAll(frames());
  outbound.send("last");
  time.tick(100);
  const madeInVain = made;

  socket.bufferedAmount = 0;
  time.tick(10);

  deepEqual([madeInVain, overflows], [0, 0]);
  deepEqual(socket.sent.map((frame) => String(frame).trim()), ["first", "1", "2", "3", "last"]);
});

Deno.test("frames that are to be made wait for room in the midst of them, and there is none before they are out", async () => {
  using time = new FakeTime();
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, limits);
  outbound.sendAll(function* () {
    yield "1";
    socket.bufferedAmount = 11;
    yield "2";
    yield "3";
  }());
  let room = false;
  const waiting = outbound.room().then(() => room = true);
  await time.tickAsync(100);
  const before = [[...socket.sent], room];

  socket.bufferedAmount = 0;
  await time.tickAsync(10);
  await waiting;

  deepEqual(before, [["1", "2"], false]);
  deepEqual(socket.sent, ["1", "2", "3"]);
});

Deno.test("what is yet to be made is left out when the queue closes", () => {
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, limits);
  socket.bufferedAmount = 11;
  outbound.sendAll(["history"]);
  outbound.send("last words");

  outbound.close({ code: 1001, reason: "bye" });

  deepEqual(socket.sent, ["last words"]);
});
