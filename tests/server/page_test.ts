import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { createPage } from "@/server/page.ts";

async function makeFolder(): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/docs`);
  await Deno.writeTextFile(`${folder}/index.html`, "the page");
  await Deno.writeTextFile(`${folder}/docs/index.html`, "the reference");
  return folder;
}

Deno.test("the page serves its files, and a folder by its index.html", async () => {
  const folder = await makeFolder();
  const page = createPage(folder);

  const [root, docs, none, long] = await Promise.all(
    ["/", "/docs/", "/none", `/${"a".repeat(300)}`].map((path) =>
      page(new Request(`http://a.example${path}`))
    ),
  );

  match(await root!.text(), /the page/);
  match(await docs!.text(), /the reference/);
  equal(none!.status, 404);
  equal(long!.status, 404);
  await none!.body?.cancel();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the page redirects by a path alone: behind a proxy with TLS its scheme is not the visitor's", async () => {
  const folder = await makeFolder();
  const page = createPage(folder);

  const answers = await Promise.all(
    ["/docs", "/docs?a=1", "//docs", "//evil.example/..//docs"].map(async (path) => {
      const { status, headers } = await page(new Request(`http://a.example${path}`));
      return [status, headers.get("location")];
    }),
  );

  deepEqual(answers, [[301, "/docs/"], [301, "/docs/?a=1"], [301, "/docs"], [301, "/docs"]]);
  await Deno.remove(folder, { recursive: true });
});
