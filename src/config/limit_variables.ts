import { z } from "zod";
import { splitList, wholeNumber } from "@/config/values.ts";

/** What callers may do, at most. `undefined` is no limit. */
export interface Limits {
  /** Sessions in this process at once, or `Infinity`; measured at the start where it is not set. */
  readonly maxSessions: number | undefined;
  readonly maxSessionsPerCaller: number | undefined;
  readonly connectionsPerMinute: number | undefined;
  readonly turnsPerMinute: number | undefined;
  /** Seconds of speech, after the VAD: an open microphone's silence is free. */
  readonly audioSecondsPerMinute: number | undefined;
  /** Seconds in which nothing is said by anybody until a session ends. */
  readonly idleTimeoutSeconds: number | undefined;
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
}

/** Where nothing is set: enough for a person, too little for a program run wild. */
const DEFAULTS = { sessions: 20, connections: 60, turns: 60, audioSeconds: 120 };

/** What holds for all limits of one caller. */
const OFF = "off by default on a loopback without keys; `0` is off";

/** The variables that limit callers; 0 is no limit. */
export const LIMIT_VARIABLES = {
  MAX_SESSIONS: wholeNumber(0, 100_000).optional().meta({
    description: "sessions at once in this process; a full server answers 503; `0` is no limit",
    unset: "measured at the start",
  }),
  MAX_SESSIONS_PER_CALLER: wholeNumber(0, 100_000).optional().meta({
    description: `sessions of one caller at once, over all instances that share a store; ${OFF}`,
    unset: String(DEFAULTS.sessions),
  }),
  RATE_CONNECTIONS_PER_MINUTE: wholeNumber(0, 100_000).optional().meta({
    description: `connections of one caller, likewise; ${OFF}`,
    unset: String(DEFAULTS.connections),
  }),
  RATE_TURNS_PER_MINUTE: wholeNumber(0, 100_000).optional().meta({
    description: `turns of one caller, likewise; ${OFF}`,
    unset: String(DEFAULTS.turns),
  }),
  RATE_AUDIO_SECONDS_PER_MINUTE: wholeNumber(0, 100_000).optional().meta({
    description:
      `seconds of speech of one caller, likewise, in recordings too; silence is free; ${OFF}`,
    unset: String(DEFAULTS.audioSeconds),
  }),
  IDLE_TIMEOUT_SECONDS: wholeNumber(0, 86_400).default(300).meta({
    description: "a session in which nobody says anything for so long ends; `0` is never",
  }),
  TRUSTED_PROXIES: z.string().default("").transform(splitList).pipe(
    z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
      error: ({ input }) => `"${input}" is no address and no network such as 10.0.0.0/8`,
    })),
  ).meta({
    description:
      "addresses and networks of proxies whose `X-Forwarded-For` names the caller, separated by commas",
  }),
};

const LimitValues = z.object(LIMIT_VARIABLES);

/** What {@linkcode LIMIT_VARIABLES} make of an environment. */
export type LimitValues = z.infer<typeof LimitValues>;

/**
 * What callers may do.
 *
 * @param open Only this machine reaches the server, and it asks for no key: nobody is limited by default.
 */
export function readLimits(values: LimitValues, open: boolean): Limits {
  const limit = (set: number | undefined, usual: number) => {
    const value = set ?? (open ? 0 : usual);
    return value === 0 ? undefined : value;
  };
  return {
    maxSessions: values.MAX_SESSIONS === 0 ? Infinity : values.MAX_SESSIONS,
    maxSessionsPerCaller: limit(values.MAX_SESSIONS_PER_CALLER, DEFAULTS.sessions),
    connectionsPerMinute: limit(values.RATE_CONNECTIONS_PER_MINUTE, DEFAULTS.connections),
    turnsPerMinute: limit(values.RATE_TURNS_PER_MINUTE, DEFAULTS.turns),
    audioSecondsPerMinute: limit(values.RATE_AUDIO_SECONDS_PER_MINUTE, DEFAULTS.audioSeconds),
    idleTimeoutSeconds: values.IDLE_TIMEOUT_SECONDS || undefined,
    trustedProxies: values.TRUSTED_PROXIES,
  };
}
