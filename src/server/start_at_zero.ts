import type { Config } from "@/config.ts";
import type { SessionEnd } from "@/conversation/session.ts";
import { ENGINE_FAILURES } from "@/errors.ts";
import { AUTH_FAILURES } from "@/server/auth/refuse_caller.ts";
import {
  engineErrors,
  engineSwitches,
  refusals,
  responses,
  sessionsEnded,
  speechLookups,
  transcriptions,
  unhandled,
  wireBytes,
} from "@/telemetry/metrics.ts";

const SESSION_ENDS: Readonly<Record<SessionEnd, 0>> = {
  disconnected: 0,
  idle: 0,
  expired: 0,
  taken_over: 0,
  deleted: 0,
  shutdown: 0,
  failed: 0,
};

/** Besides those of credentials. */
const REFUSALS = [
  "origin_not_allowed",
  "host_not_allowed",
  "rate_limit_exceeded",
  "too_many_sessions",
  "too_many_uploads",
  "server_full",
  "server_busy",
  "turn_limit",
];

/**
 * Makes every counter whose labels are known begin at 0. Prometheus sees a rise from a value, and none where there
 * was nothing: without this no alert would ring for the first failure.
 */
export function startAtZero(engines: Config["engines"]): void {
  for (const reason of Object.keys(SESSION_ENDS)) sessionsEnded.inc({ reason }, 0);
  for (const reason of [...AUTH_FAILURES, ...REFUSALS]) refusals.inc({ reason }, 0);
  for (const outcome of ["words", "empty", "failed"]) transcriptions.inc({ outcome }, 0);
  for (const outcome of ["hit", "shared", "miss"]) speechLookups.inc({ outcome }, 0);
  for (const kind of ["rejection", "error", "observer"]) unhandled.inc({ kind }, 0);
  for (const direction of ["in", "out"]) wireBytes.inc({ direction }, 0);
  for (const status of ["completed", "cancelled", "incomplete", "failed"]) {
    responses.inc({ status }, 0);
  }
  for (const names of Object.values(engines)) {
    // of a list that fails as a whole the error names all
    for (const engine of new Set([...names, names.join()])) {
      for (const failure of ENGINE_FAILURES) engineErrors.inc({ engine, failure }, 0);
    }
    for (const from of names) {
      for (const to of names) if (to !== from) engineSwitches.inc({ from, to }, 0);
    }
  }
}
