/**
 * Counts what `deno task test` did, from its JUnit reports in `coverage/`: tests and their steps alike. Prints
 * `N passed, N failed` as the last line. Fails if a test failed, or was skipped without `ALLOW_SKIP=1`; but for what
 * an engine cannot do for what it is, which `tests/contracts/skip.ts` declares.
 */
interface Count {
  readonly passed: number;
  readonly failed: number;
  /** Names of the tests that did not run. */
  readonly skipped: readonly string[];
}

/** Counts the test cases of one JUnit report. */
export function count(report: string): Count {
  const cases = [...report.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs)];
  const has = (tag: string) => cases.filter(([, , body = ""]) => body.includes(`<${tag}`));
  const failed = has("failure").length + has("error").length;
  const skipped = has("skipped").map(([, name = ""]) => name);
  return { passed: cases.length - failed - skipped.length, failed, skipped };
}

if (import.meta.main) {
  const counts: Count[] = [];
  for await (const { name } of Deno.readDir("coverage")) {
    if (name.endsWith(".xml")) counts.push(count(await Deno.readTextFile(`coverage/${name}`)));
  }
  const missing = counts.flatMap((one) => one.skipped);
  const skipped = missing.filter((name) => !name.includes("(cannot be had: "));
  const failed = counts.reduce((sum, one) => sum + one.failed, 0);
  const passed = counts.reduce((sum, one) => sum + one.passed, 0);
  const skippable = Deno.env.get("ALLOW_SKIP") === "1";
  const print = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  for (const name of missing) print(`skipped: ${name}`);
  if (skipped.length > 0 && !skippable) {
    print("A skipped test proves nothing: ALLOW_SKIP=1 lets it be.");
  }
  print(`${passed} passed, ${failed} failed`);
  Deno.exit(failed > 0 || passed === 0 || (skipped.length > 0 && !skippable) ? 1 : 0);
}
