import { deepStrictEqual as deepEqual, match, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { modelsRoutes } from "@/server/models_routes.ts";
import { createPage } from "@/server/page.ts";
import { serve } from "@/server/serve.ts";
import { createTestApp } from "../server/test_app.ts";
import { openPage } from "./chromium.ts";

const DIST = fileURLToPath(new URL("../../src/web/dist", import.meta.url));
const engines = { vad: ["silero"], asr: [], llm: [], tts: [] };

Deno.test("/docs shows every route, event and object, with what the server's policy allows a page", async () => {
  const server = serve({
    host: "127.0.0.1",
    port: 0,
    handler: createTestApp({ routes: modelsRoutes({ engines }), page: createPage(DIST) }),
  });
  {
    await using browser = await openPage(`${server.url}/docs`);
    const { page, problems } = browser;
    await page.getByRole("heading", { name: "Objects" }).last().waitFor();

    const titles = await page.locator("section h3").allTextContents();
    const row = page.locator('[id="GET /v1/models/{model}"] tr', { hasText: "created" });
    const link = page.getByRole("link", { name: "session.update", exact: true });
    await link.click();

    for (
      const title of [
        "GET /v1/realtime",
        "GET /v1/models",
        "session.update",
        "response.done",
        "Session",
        "Item",
        "ModelList",
      ]
    ) {
      ok(titles.includes(title), title);
    }
    match(await row.textContent() ?? "", /integer.*Unix seconds/);
    match(page.url(), /\/docs\/#session\.update$/);
    deepEqual(problems, []);
  }
  await server.shutdown();
});
