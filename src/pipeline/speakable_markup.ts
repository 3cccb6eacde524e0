/** A pattern, and what is said in its place: a replacement string, or a function of the match and its groups. */
export type Rule = readonly [RegExp, string | ((match: string, ...groups: string[]) => string)];

/** Takes markdown, HTML, emoji and long addresses away, whatever the language. Order counts. */
export const MARKUP_RULES: readonly Rule[] = [
  [/\r\n?/g, "\n"],
  [/[\u200b\u2060\ufeff\u00ad]/g, ""],
  [/\u00a0|\u202f/g, " "],
  // Fences go, what they hold stays: a reader may ask for it.
  [/^\s*(```+|~~~+)[\w+#-]*[ \t]*$/gm, ""],
  [/```+/g, " "],
  [/!\[([^\]]*)\]\([^)]*\)/g, "$1"],
  [/\[([^\]]+)\]\([^)]*\)/g, "$1"],
  [/\[([^\]]+)\]\[[^\]]*\]/g, "$1"],
  [/<(https?:\/\/[^>\s]+)>/g, "$1"],
  [/<!--[\s\S]*?-->/g, " "],
  [/<\/?[a-z][a-z0-9]*(\s[^<>]*)?\/?>/gi, " "],
  [/&nbsp;/g, " "],
  [/&lt;/g, "<"],
  [/&gt;/g, ">"],
  [/&quot;/g, '"'],
  [/&#39;|&apos;/g, "'"],
  [/&amp;/g, "&"],
  // The host says enough of an address.
  [
    /\b(?:https?|wss?|ftp):\/\/(?:www\.)?([^\s/?#:)\]}>"'*]+)[^\s)\]}>"'*]*?(?=[.,;:!?]*(?:[\s)\]}>"'*]|$))/gi,
    "$1",
  ],
  [/\bwww\.([\w.-]+\w)(?:\/[^\s)\]}>"']*\w\/?)?/gi, "$1"],
  // Tables: rules between rows go, cells become a list.
  [/^[ \t]*\|?[ \t]*:?-{3,}:?[ \t]*(\|[ \t]*:?-{3,}:?[ \t]*)*\|?[ \t]*$/gm, ""],
  [/^[ \t]*(?:[-*_][ \t]*){3,}$/gm, ""],
  [
    /^[ \t]*\|(.+?)\|?[ \t]*$/gm,
    (_, row) => row.split("|").map((cell) => cell.trim()).filter(Boolean).join(", "),
  ],
  [/^[ \t]*#{1,6}[ \t]+(.*?)[ \t#]*$/gm, "$1\n"],
  [/^[ \t]*>+[ \t]?/gm, ""],
  // An item of a list, a heading or a paragraph without an end mark is a sentence of its own.
  [/([\p{L}\p{N}\])*_`"'’”])[ \t]*\n(?=[ \t]*(?:[-*+•][ \t]|\d+[.)][ \t]|\n))/gu, "$1.\n"],
  [/^[ \t]*[-*+•][ \t]+(?:\[[ xX]\][ \t]+)?/gm, ""],
  [/^[ \t]*(\d+)[.)][ \t]+(?=\S)/gm, "$1, "],
  [/(\*\*\*|\*\*|__|~~)(?=\S)([\s\S]*?\S)\1/g, "$2"],
  [/(?<![\w*])\*(?=\S)([^*\n]*?[^\s*])\*(?![\w*])/g, "$1"],
  [/(?<!\w)_(?=\S)([^_\n]*?[^\s_])_(?!\w)/g, "$1"],
  [/(`+)([^`]*)\1/g, "$2"],
  [/(\*\*|__|~~|`)/g, ""],
  [/[0-9#*]\ufe0f?\u20e3/g, (keycap) => keycap[0]!],
  [/[\u{1f1e6}-\u{1f1ff}\u{1f3fb}-\u{1f3ff}\u{e0020}-\u{e007f}\u200d\ufe0e\ufe0f]/gu, " "],
  [/[©®™]/g, ""],
  [/(?![\d#*↔-↪])\p{Extended_Pictographic}/gu, " "],
];

/** Mends the spaces and marks that the rules before have left. */
export const TIDY_RULES: readonly Rule[] = [
  [/\s+/g, " "],
  [/ +([.,!?;:])(?=\s|$)/g, "$1"],
  [/\( *\)|\[ *\]/g, ""],
  [/,(?: ?,)+/g, ","],
  [/[,;:] ?([.!?])/g, "$1"],
  [/(?<!\.)\.{2}(?!\.)/g, "."],
  [/^[\s,;:.!?]+(?=\S)/, ""],
  [/\s+/g, " "],
];
