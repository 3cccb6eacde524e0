import OpenAI from "openai";
import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";
import { runReadmeLine } from "./readme_lines.ts";

/**
 * Asks the server at the URL in its first argument the question in its second, through the runtime's own
 * WebSocket, and prints the answer. A process of its own, because only `--cert` makes that trust a certificate.
 */
const [url = "", text = ""] = Deno.args;
const rt = runReadmeLine<OpenAIRealtimeWebSocket>("openai/realtime/websocket", {
  server: { url },
  scope: { OpenAI, OpenAIRealtimeWebSocket },
});
rt.on("session.created", () => {
  rt.send({
    type: "conversation.item.create",
    item: { type: "message", role: "user", content: [{ type: "input_text", text }] },
  });
  rt.send({ type: "response.create", response: { output_modalities: ["text"] } });
});
rt.on("response.output_text.done", (event) => {
  // deno-lint-ignore no-console
  console.log(event.text);
  rt.close();
});
