import { strictEqual as equal } from "node:assert/strict";
import { escapeXml, unescapeXml } from "@/engines/tts/xml_text.ts";

Deno.test("a text is escaped so that no part of it is markup", () => {
  equal(
    escapeXml(`Tom & Jerry <3 "it's" <break time="9s"/>`),
    "Tom &amp; Jerry &lt;3 &quot;it&apos;s&quot; &lt;break time=&quot;9s&quot;/&gt;",
  );
});

Deno.test("what XML cannot hold becomes a space", () => {
  equal(escapeXml("a\0b\u000bc\u{d83d}d 🙂 你好"), "a b c d 🙂 你好");
});

Deno.test("what was escaped is read again, in any way of writing it", () => {
  const text = `Tom & Jerry <3 "it's" 🙂`;

  equal(unescapeXml(escapeXml(text)), text);
  equal(unescapeXml("&#39;&#x1F642;&amp;lt;&eacute;&#99999999;"), "'🙂&lt;&eacute;&#99999999;");
});
