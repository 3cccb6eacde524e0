/** A test of a contract that an engine cannot pass for what it is, and why. */
export interface Skip<Test extends string> {
  readonly test: Test;
  readonly reason: string;
}

/**
 * How a test of a contract is declared. One that cannot be had is ignored in everybody's sight, with the reason in
 * its name; by these words `.ci/summary.ts` tells it from a test that this machine could not run.
 */
export function declare<Test extends string>(
  test: Test,
  skip: readonly Skip<Test>[],
): { readonly name: string; readonly ignore: boolean } {
  const reason = skip.find((entry) => entry.test === test)?.reason;
  return reason === undefined
    ? { name: test, ignore: false }
    : { name: `${test} (cannot be had: ${reason})`, ignore: true };
}
