import { match, strictEqual as equal } from "node:assert/strict";
import { url } from "@/config/values.ts";

Deno.test("what is said of a wrong URL leaves its user and password out", () => {
  for (const wrong of ["ftp://ann:secret@host/path", "ann:secret@host", "htp:/ann:secret@host"]) {
    const { error } = url(["https:", "http:"]).safeParse(wrong);

    const { message } = error!.issues[0]!;
    match(message, /must be a URL that begins with https:\/\/ or http:\/\//);
    equal(message.includes("secret"), false, message);
  }
});
