import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";

Deno.test("what nobody caught is counted and logged, a rejection with its session, and the process lives on", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", new URL("./unhandled_process.ts", import.meta.url).pathname],
    stdin: "null",
  }).output();

  const [metrics, log] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const lines = log!.split("\n").filter((line) => line.startsWith("{")).map((line) =>
    JSON.parse(line)
  );
  equal(code, 0, String(log));
  match(metrics!, /chatai_unhandled_total\{kind="rejection"\} 1/);
  match(metrics!, /chatai_unhandled_total\{kind="error"\} 1/);
  deepEqual(
    lines.map(({ properties }) => [properties.kind, properties.sessionId, properties.error.name])
      .toSorted(),
    [["error", undefined, "TypeError"], ["rejection", "sess_1", "Error"]],
  );
  equal(log!.includes("secret"), false);
});
