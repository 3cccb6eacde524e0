import { z } from "zod";
import { newId } from "@/conversation/ids.ts";
import { defaultSettings, type SessionDefaults } from "@/conversation/settings.ts";
import { SessionObject, toSessionObject } from "@/realtime/session_object.ts";
import { applySessionRequest, SessionRequestInput } from "@/realtime/session_request.ts";
import type { ClientSecrets } from "@/server/client_secrets.ts";
import { readJson } from "@/server/json_body.ts";
import type { Route } from "@/server/route.ts";

/** When a key ends, as OpenAI's API says it. */
export const ExpiresAfter = z.object({
  anchor: z.literal("created_at").nullish(),
  seconds: z.number().int().min(10).max(7200).default(600)
    .describe("How long the key opens conversations, from now."),
});

/** What a key is asked for with. */
export const ClientSecretRequest = z.object({
  expires_after: ExpiresAfter.nullish(),
  session: SessionRequestInput.nullish()
    .describe("Settings that the key's sessions begin with, over the server's defaults."),
}).meta({ id: "ClientSecretRequest" });

/** A key, and what its sessions begin with. */
export const ClientSecretResponse = z.object({
  value: z.string().describe("`ek_…`: open a WebSocket with it, and nothing else."),
  expires_at: z.number().int().describe("Unix seconds."),
  session: SessionObject.describe("As a session that began now."),
}).meta({ id: "ClientSecretResponse" });

/** What making keys takes. */
export interface ClientSecretsRoutesOptions {
  readonly secrets: ClientSecrets;
  /** What the sessions of all callers begin with. */
  readonly defaults: () => Promise<SessionDefaults>;
  /** Minutes until a session ends by itself. */
  readonly maxMinutes: number;
  /** ms since 1970. @default {Date.now} */
  readonly now?: () => number;
}

/** `/v1/realtime/client_secrets`: keys for browsers. */
export function clientSecretsRoutes(
  { secrets, defaults, maxMinutes, now = Date.now }: ClientSecretsRoutesOptions,
): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/v1/realtime/client_secrets",
      summary: "Makes a short-lived key that opens conversations with the given settings.",
      request: { "application/json": ClientSecretRequest },
      response: { "application/json": ClientSecretResponse },
      refusals: { 400: "A field is wrong." },
      async handle({ request, subject }) {
        const { expires_after, session } = await readJson(request, ClientSecretRequest);
        const { seconds } = expires_after ?? ExpiresAfter.parse({});
        const asked = session ?? { type: "realtime" };
        const settings = applySessionRequest(defaultSettings(await defaults()), asked);
        const { value, expiresAt } = await secrets.create({ subject, session: asked }, { seconds });
        const view = {
          id: newId("sess"),
          conversationId: newId("conv"),
          settings,
          expiresAt: Math.floor(now() / 1000) + maxMinutes * 60,
        };
        return Response.json({ value, expires_at: expiresAt, session: toSessionObject(view) });
      },
    },
  ];
}
