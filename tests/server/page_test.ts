import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { createPage } from "@/server/page.ts";

Deno.test("the page's redirects stay on whatever scheme and host the client knows the server by", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/docs`);
  const page = createPage(folder);

  const paths = ["/docs?query", "//docs", "//elsewhere.example/docs", "/\\elsewhere.example"];
  const responses = await Promise.all(
    paths.map((path) => page(new Request(`http://127.0.0.1:8000${path}`))),
  );

  deepEqual(responses.map(({ status, headers }) => [status, headers.get("location")]), [
    [301, "/docs/?query"],
    [301, "/docs"],
    [301, "/elsewhere.example/docs"],
    [301, "/elsewhere.example"],
  ]);
  await Deno.remove(folder, { recursive: true });
});
