import { PLACE_ZONES } from "@/engines/llm/scripted/places.ts";
import { titleCase } from "@/engines/llm/scripted/words.ts";

const ASKS_TIME =
  /\btime is it\b|\bwhat time( it)?( is| now| in| at)?\b(?! (do|does|did|will|should|are|was|were|can))|\b(what|tell|know|have|got|give)( is| me| you)* the( current| local| exact| right)* time\b|\bcurrent time\b|\btime (right )?now\b|^(the )?time( please)?$|^(the )?time in \w/;
const ASKS_DATE =
  /\b(what|which)( is)?( the)? (day|date|month|year)( is it| is today| is tomorrow| was yesterday| today| in\b|$)|\b(today|tomorrow|yesterday)('?s| is)?( the)? date\b|\bwhat (is|day is|was) (today|tomorrow|yesterday)\b|\b(tell|give) me the (date|day)\b|\b(current|today's) date\b|\bthe date\b.*\btoday\b|\bdate is it\b/;

/** What follows a place in a question. */
const AFTER_PLACE =
  / (right now|now|please|today|tomorrow|currently|at the moment|at present|there|is it)$/;

const DAY_MS = 24 * 60 * 60 * 1000;

/** A place that was named: with a zone if it is known. */
export interface FoundPlace {
  /** As one writes it, e.g. `"New York"`. */
  readonly name: string;
  /** IANA zone; `undefined` for a place nobody has heard of. */
  readonly timeZone: string | undefined;
}

/** What the clock shows. */
export interface ClockOptions {
  /** Unix time in ms. */
  readonly now: number;
  /** IANA zone of whoever asks. */
  readonly timeZone: string;
}

/** Tells the time or the date if it is asked for: "what time is it in paris" → "It is 4:30 PM in Paris." */
export function tellTime(question: string, { now, timeZone }: ClockOptions): string | undefined {
  const asksDate = ASKS_DATE.test(question);
  if (!asksDate && !ASKS_TIME.test(question)) return undefined;
  const place = findPlace(question);
  const there = place?.timeZone ?? timeZone;
  const answer = asksDate
    ? sayDate(question, { now, timeZone: there })
    : `It is ${sayTime({ now, timeZone: there })}`;
  if (!place) return `${answer}.`;
  if (place.timeZone) return `${answer} in ${place.name}.`;
  return `I do not know the clocks of ${place.name}. Here, ${answer[0]!.toLowerCase()}${
    answer.slice(1)
  }.`;
}

/** The place among the words of a question: the longest that is known, else whatever follows "in". */
export function findPlace(question: string): FoundPlace | undefined {
  const words = question.split(" ");
  for (let length = Math.min(5, words.length); length > 0; length--) {
    for (let at = 0; at + length <= words.length; at++) {
      const name = words.slice(at, at + length).join(" ");
      const timeZone = zones().get(name);
      if (timeZone) return { name: writePlace(name), timeZone };
    }
  }
  let unknown = / in ((?!the (morning|evening|afternoon)|here|general|my )[^.]+)$/.exec(question)
    ?.[1];
  while (unknown && AFTER_PLACE.test(unknown)) unknown = unknown.replace(AFTER_PLACE, "");
  return unknown ? { name: writePlace(unknown), timeZone: undefined } : undefined;
}

let knownZones: ReadonlyMap<string, string> | undefined;

/** Zones by name in lower case: "new york" → America/New_York. Made when first asked for. */
function zones(): ReadonlyMap<string, string> {
  knownZones ??= new Map([
    ...Intl.supportedValuesOf("timeZone")
      .filter((zone) => zone.includes("/") && !zone.startsWith("Etc/"))
      .map((zone) => [zone.split("/").at(-1)!.replace(/[_-]/g, " ").toLowerCase(), zone] as const),
    ...Object.entries(PLACE_ZONES),
  ]);
  return knownZones;
}

function writePlace(name: string): string {
  if (/^(utc|gmt|nyc|la)$/.test(name)) return name.toUpperCase();
  return titleCase(name)
    .replace(/^The /, "the ")
    .replace(/\bUk\b/, "UK")
    .replace(/\bDc\b/, "DC")
    .replace(/ (De|Of|Au|Es) /g, (word) => word.toLowerCase());
}

function sayTime({ now, timeZone }: ClockOptions): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "numeric",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(now);
  const part = (type: string) => Number(parts.find((entry) => entry.type === type)?.value);
  const hour = part("hour");
  const minute = part("minute");
  if (minute === 0 && hour === 0) return "midnight";
  if (minute === 0 && hour === 12) return "noon";
  const clock = minute === 0 ? `${hour % 12 || 12}` : `${hour % 12 || 12}:${pad(minute)}`;
  return `${clock} ${hour < 12 ? "AM" : "PM"}`;
}

function sayDate(question: string, { now, timeZone }: ClockOptions): string {
  const format = (options: Intl.DateTimeFormatOptions, at = now) =>
    new Intl.DateTimeFormat("en-US", { timeZone, ...options }).format(at);
  if (/\byear\b/.test(question)) return `It is ${format({ year: "numeric" })}`;
  if (/\bmonth\b/.test(question)) return `It is ${format({ month: "long", year: "numeric" })}`;
  const long = { weekday: "long", month: "long", day: "numeric", year: "numeric" } as const;
  if (/\btomorrow\b/.test(question)) return `Tomorrow is ${format(long, now + DAY_MS)}`;
  if (/\byesterday\b/.test(question)) return `Yesterday was ${format(long, now - DAY_MS)}`;
  return `Today is ${format(long)}`;
}

function pad(minute: number): string {
  return `${minute}`.padStart(2, "0");
}
