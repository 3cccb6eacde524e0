import { deepStrictEqual as deepEqual, strictEqual as equal, throws } from "node:assert/strict";
import { assertSpyCalls, MockError, spy, stub } from "@std/testing/mock";

class Counter {
  total = 0;
  add(by: number): number {
    return this.total += by;
  }
}

Deno.test("a spy of nothing remembers its calls", () => {
  const called = spy();

  called(1, "two");
  called();

  deepEqual(called.calls.map(({ args }) => args), [[1, "two"], []]);
  assertSpyCalls(called, 2);
});

Deno.test("a spy passes calls on and remembers what came of them", () => {
  const half = spy((n: number) => {
    if (n % 2 === 1) throw new RangeError("odd");
    return n / 2;
  });

  equal(half(4), 2);
  throws(() => half(3), RangeError);

  equal(half.calls[0]?.returned, 2);
  equal(half.calls[1]?.error?.message, "odd");
  throws(() => half.restore(), MockError);
});

Deno.test("a spied method works as before and remembers whose it was", () => {
  const counter = new Counter();
  using add = spy(counter, "add");

  equal(counter.add(2), 2);

  deepEqual(add.calls, [{ args: [2], self: counter, returned: 2 }]);
});

Deno.test("a spied method is put back at the end", () => {
  const counter = new Counter();

  const add = spy(counter, "add");
  add.restore();
  counter.add(1);

  equal(add.restored, true);
  equal(Object.hasOwn(counter, "add"), false);
  assertSpyCalls(add, 0);
  throws(() => add.restore(), MockError);
});

Deno.test("a stub does something else until it is disposed of", () => {
  const counter = new Counter();
  {
    using add = stub(counter, "add", (by) => -by);
    equal(counter.add(3), -3);
    assertSpyCalls(add, 1);
  }

  equal(counter.add(3), 3);
});

Deno.test("a stub of an own property is put back as it was", () => {
  const console = { log: (line: string) => line.length };
  const { log } = console;
  {
    using _log = stub(console, "log");
    equal(console.log("abc"), undefined);
  }

  equal(console.log, log);
});

Deno.test("what is no method, or is spied on already, cannot be spied on", () => {
  const counter = new Counter();
  using _add = spy(counter, "add");

  throws(() => spy(counter, "add"), MockError);
  throws(() => stub(counter, "total"), MockError);
});

Deno.test("assertSpyCalls tells how many calls there were", () => {
  const called = spy();
  called();

  throws(() => assertSpyCalls(called, 2), /not called as much as expected:\n {2}1 !== 2/);
  throws(() => assertSpyCalls(called, 0), /called more than expected:\n {2}1 !== 0/);
});
