const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

const NAMED = new Map(Object.entries(ESCAPES).map(([character, escape]) => [escape, character]));

/** What XML 1.0 has no way to write: control characters and halves of characters. */
const UNSPEAKABLE = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** A text as it stands in XML, between tags or in an attribute. What XML cannot hold becomes a space. */
export function escapeXml(text: string): string {
  return text.replaceAll(UNSPEAKABLE, " ").replaceAll(/[&<>"']/g, (mark) => ESCAPES[mark] ?? "");
}

/** A text from XML or HTML without its escapes; those of letters, e.g. `&eacute;`, stay. */
export function unescapeXml(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|\w+);/gi, (escape, decimal, hexadecimal) => {
    const code = decimal ? parseInt(decimal, 10) : parseInt(hexadecimal, 16);
    if (Number.isNaN(code)) return NAMED.get(escape) ?? escape;
    return code <= 0x10ffff ? String.fromCodePoint(code) : escape;
  });
}
