import type { Rule } from "@/pipeline/speakable_markup.ts";
import {
  ABBREVIATIONS,
  BEFORE_NUMBERS,
  CURRENCIES,
  MONTHS,
  MULTIPLIERS,
  NOT_SPELLED,
  SAID_OTHERWISE,
  SPELLED,
  SYMBOLS,
  UNITS,
} from "@/pipeline/speakable_words.ts";

const SIGNS = `[${Object.keys(CURRENCIES).join("")}]`;
const AMOUNT = String.raw`(\d[\d,]*)(?:\.(\d+))?`;
const SCALE = String.raw`(?:\s?(thousand|million|billion|trillion|[kKmMbBtT]n?)\b)?`;
const MONTH = MONTHS.map(([short, long]) => `${long}|${short}`).join("|");
const TLD = "com|org|net|io|dev|ai|app|co|edu|gov|de|uk|fr|eu|info|land";
const FILE_END =
  "ts|js|tsx|jsx|json|py|md|txt|html|css|csv|pdf|png|jpg|wav|mp3|zip|yaml|yml|toml|sh|env";

/** Writes out in English what is not a word. Order counts: what needs its neighbours comes first. */
export const ENGLISH_RULES: readonly Rule[] = [
  ...SAID_OTHERWISE.map(([written, said]): Rule => [asWord(written), said]),
  // Addresses.
  [
    /\b([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)\b/g,
    (_, user, host) => `${dotted(user)} at ${dotted(host)}`,
  ],
  [new RegExp(String.raw`\b(?:[\w-]+\.)+(?:${TLD})\b(?!\.?\w)`, "g"), dotted],
  [new RegExp(String.raw`\b[\w-]+(?:\.[\w-]+)*\.(?:${FILE_END})\b(?!\.?\w)`, "g"), dotted],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, dotted],
  [/\bv(\d+(?:\.\d+)*)\b/g, (_, version) => `version ${version.replaceAll(".", " point ")}`],
  // Money.
  [
    new RegExp(`(-?)(${SIGNS})\\s?${AMOUNT}${SCALE}`, "g"),
    (_, minus, sign, units, cents, scale) =>
      minus.replace("-", "minus ") + amount(sign, { units, cents, scale }),
  ],
  [
    new RegExp(`${AMOUNT}${SCALE}\\s?(${SIGNS})(?!\\d)`, "g"),
    (_, units, cents, scale, sign) => amount(sign, { units, cents, scale }),
  ],
  // Dates.
  [
    /\b(\d{4})-(\d{2})-(\d{2})(?:T(?=\d)|\b)/g,
    (all, year, month, day) => date(all, { year, month, day }),
  ],
  [
    /\b(\d{1,2})\/(\d{1,2})\/(\d{4})\b/g,
    (all, first, second, year) =>
      Number(first) > 12
        ? date(all, { year, month: second, day: first })
        : date(all, { year, month: first, day: second }),
  ],
  [
    new RegExp(`\\b(${MONTH})\\.?\\s(\\d{1,2})(?![\\d:.,]\\d|\\d|\\w|%)`, "g"),
    (_, month, day) => `${longMonth(month)} ${ordinal(Number(day))}`,
  ],
  [
    new RegExp(`\\b(\\d{1,2})\\s(${MONTH})\\b\\.?(?=\\s\\d{4})`, "g"),
    (_, day, month) => `${ordinal(Number(day))} of ${longMonth(month)}`,
  ],
  [
    /\b(Mon|Tue|Tues|Wed|Thu|Thurs|Fri)(?=[.,]\s)\.?/g,
    (_, day) =>
      ({ M: "Monday", Tu: "Tuesday", W: "Wednesday", Th: "Thursday", F: "Friday" })[
        /^T/.test(day) ? day.slice(0, 2) : day[0]!
      ]!,
  ],
  // Ranges, but no telephone numbers.
  [/(?<![\d-])(\d{3})-(\d{4})(?![\d-])/g, "$1 $2"],
  [
    /(?<![\w.-])(\d[\d,.:]*)(\s?(?:[ap]m|[AP]M|%|°C?F?))?\s?[-–]\s?(\d[\d,.:]*)(?![\w-]*-\d)/g,
    (_, from, unit = "", to) => `${from}${unit} to ${to}`,
  ],
  [/(?<![\w)])[-−](?=\d)/g, "minus "],
  // Times.
  [
    /\b(\d{1,2}):(\d{2}):(\d{2})\b/g,
    (_, hour, minute, second) => `${time(hour, minute)} and ${plural(second, "second", "seconds")}`,
  ],
  [
    /\b(\d{1,2}):([0-5]\d)(?:\s?([AaPp])\.?[Mm]\b(?:\.(?=\s+[a-z]))?)?/g,
    (_, hour, minute, half) =>
      half
        ? `${time(hour, minute).replace(" o'clock", "")} ${half.toUpperCase()} M`
        : time(hour, minute),
  ],
  [
    /\b(\d{1,2})\s?([AaPp])\.?[Mm]\b(?:\.(?=\s+[a-z]))?/g,
    (_, hour, half) => `${hour} ${half.toUpperCase()} M`,
  ],
  // Numbers with what belongs to them.
  [
    /\b(\d+(?:\.\d+)?)([kKMB])\b(?!\/)/g,
    (_, number, scale) => `${number} ${MULTIPLIERS[scale.toLowerCase()]}`,
  ],
  ...UNITS.map(([unit, one, many]): Rule => [
    new RegExp(
      String.raw`(?<![\w.])(\d[\d,]*(?:\.\d+)?)\s?${escaped(unit)}(?![\w°²³/])(?:\.(?=\s+[a-z]))?`,
      "g",
    ),
    (_, number) => plural(number, one, many),
  ]),
  [/#(?=\d)/g, "number "],
  [/(?<![\w])#(?=\p{L})/gu, "hashtag "],
  [/(\d)\s?\*\s?(?=\d)/g, "$1 times "],
  [/(?<!\w)~\s?(?=\d)/g, "about "],
  [/(\d)\s?<\s?(?=\d)/g, "$1 is less than "],
  [/(\d)\s?>\s?(?=\d)/g, "$1 is greater than "],
  // Abbreviations. The dot stays where the sentence ends with it.
  [/\bSt\.(?=\s\p{Lu})/gu, "Saint"],
  [/\bSt\.(?=\s|$)/g, "Street"],
  ...BEFORE_NUMBERS.map(([short, long]): Rule => [
    new RegExp(String.raw`(?<![\w.])${escaped(short)}\s?(?=\d)`, "g"),
    `${long} `,
  ]),
  ...ABBREVIATIONS.filter(([short]) => short.endsWith(".")).map(([short, long]): Rule => [
    new RegExp(String.raw`(?<![\w.])${escaped(short)}(?=[)"'”]*\s*$)`, "g"),
    `${long}.`,
  ]),
  ...ABBREVIATIONS.map(([short, long]): Rule => [
    new RegExp(String.raw`(?<![\w.])${escaped(short)}(?!\w)`, "g"),
    long,
  ]),
  [
    /(?<![\w.])((?:\p{Lu}\.){2,})(?=\s*$)/gu,
    (_, letters) => `${spelled(letters.replaceAll(".", ""))}.`,
  ],
  [/(?<![\w.])(?:\p{Lu}\.){2,}/gu, (letters) => spelled(letters.replaceAll(".", ""))],
  // Capitals; a text all in capitals is shouted, not abbreviated.
  [/(?<=\w)_(?=\w)/g, " "],
  [
    /(?<![\p{L}\p{N}'-])(\p{Lu}{2,6})(s?)(?![\p{L}\p{N}])/gu,
    (all, letters, s) => isSpelled(letters) ? `${spelled(letters)}${s && "'s"}` : all,
  ],
  // What is left of the symbols.
  [
    new RegExp(`\\s?([${Object.keys(SYMBOLS).join("").replace("-", "\\-")}])`, "gu"),
    (_, symbol) => ` ${SYMBOLS[symbol]} `,
  ],
  [/\band\/or\b/g, "and or"],
  [/(\p{L})\/(?=\p{L})/gu, "$1 or "],
  [/\s[–—]\s|—|(?<=\p{L})–(?=\p{L})/gu, ", "],
  [/\s-\s/g, ", "],
  [/[*_#~^|\\<>{}[\]]/g, " "],
];

/** A name where it stands by itself, whatever its characters. */
function asWord(name: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped(name)}(?![\\p{L}\\p{N}+#])`, "gu");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function dotted(name: string): string {
  return name.replaceAll(".", " dot ");
}

function amount(
  sign: string,
  { units, cents, scale }: {
    readonly units: string;
    readonly cents?: string;
    readonly scale?: string;
  },
): string {
  const [one, many, cent, manyCents] = CURRENCIES[sign]!;
  const whole = units.replace(/,$/, "");
  const after = whole === units ? "" : ",";
  if (scale) {
    const point = cents ? `.${cents}` : "";
    return `${whole}${point} ${MULTIPLIERS[scale.toLowerCase()] ?? scale} ${many}`;
  }
  if (!cents || Number(cents) === 0) return `${plural(whole, one, many)}${after}`;
  if (!cent || !manyCents || cents.length !== 2) return `${whole}.${cents} ${many}`;
  const rest = plural(`${Number(cents)}`, cent, manyCents);
  return Number(whole) === 0 ? rest : `${plural(whole, one, many)} and ${rest}`;
}

function date(
  written: string,
  { year, month, day }: { readonly year: string; readonly month: string; readonly day: string },
): string {
  const name = MONTHS[Number(month) - 1]?.[1];
  const valid = name && Number(day) >= 1 && Number(day) <= 31;
  return valid
    ? `${name} ${ordinal(Number(day))}, ${year}${written.endsWith("T") ? " at " : ""}`
    : written;
}

function longMonth(month: string): string {
  return MONTHS.find(([short, long]) => month === short || month === long)![1];
}

function ordinal(value: number): string {
  const teen = value % 100 >= 11 && value % 100 <= 13;
  const ending = teen ? "th" : ["th", "st", "nd", "rd"][value % 10] ?? "th";
  return `${value}${ending}`;
}

function time(hour: string, minute: string): string {
  const said = `${Number(hour)}`;
  if (minute === "00") return `${said} o'clock`;
  return minute.startsWith("0") ? `${said} oh ${minute[1]}` : `${said} ${minute}`;
}

function plural(number: string, one: string, many: string): string {
  const trimmed = number.replace(/^0+(?=\d)/, "");
  return `${trimmed} ${trimmed === "1" ? one : many}`;
}

function spelled(letters: string): string {
  return [...letters].join(" ");
}

function isSpelled(letters: string): boolean {
  if (NOT_SPELLED.includes(letters)) return false;
  return SPELLED.includes(letters) || !/[AEIOUY]/.test(letters);
}
