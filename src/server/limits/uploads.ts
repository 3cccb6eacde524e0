import { createAdmission } from "@/server/limits/admission.ts";
import { RETRY_FULL_S, sendAway } from "@/server/limits/send_away.ts";

/** How many uploads there may be. */
export interface UploadsOptions {
  /** In this process at once. @default {twice the cores, at least 4} */
  readonly max?: number;
  /** Of one caller at once. @default {half of them} */
  readonly perCaller?: number;
}

/** Keeps count of the recordings that are held in memory while they are sent and written down. */
export interface Uploads {
  /** Room for one, to be given back; or the answer that says when to come again. */
  enter(caller: string): Disposable | Response;
}

/**
 * Starts with none. One of 25 MiB takes about 85 MB while it is decoded (measured), and one recogniser at a time:
 * more than the machine has cores to work on would only wait in memory.
 */
export function createUploads(
  { max = Math.max(4, 2 * navigator.hardwareConcurrency), perCaller = Math.ceil(max / 2) }:
    UploadsOptions = {},
): Uploads {
  const admission = createAdmission({ max });
  const callers = new Map<string, number>();

  function add(caller: string, count: number): void {
    const now = (callers.get(caller) ?? 0) + count;
    if (now === 0) callers.delete(caller);
    else callers.set(caller, now);
  }

  return {
    enter(caller) {
      if ((callers.get(caller) ?? 0) >= perCaller) {
        return sendAway(429, {
          code: "too_many_uploads",
          message: `At most ${perCaller} recordings of one caller are taken at once.`,
          retryAfterS: RETRY_FULL_S,
        });
      }
      const room = admission.enter();
      if (room === undefined) {
        return sendAway(503, {
          code: "server_full",
          message: "The server has all the recordings that it can take at once.",
          retryAfterS: RETRY_FULL_S,
        });
      }
      add(caller, 1);
      const upload = new DisposableStack();
      upload.use(room);
      upload.defer(() => add(caller, -1));
      return upload;
    },
  };
}
