import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** Collects garbage now: whatever nobody holds is gone, as it would be at some time. */
export const collectGarbage: () => void = runInNewContext("gc");
