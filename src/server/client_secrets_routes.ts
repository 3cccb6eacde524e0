import { z } from "zod";
import { newId } from "@/conversation/ids.ts";
import { defaultSettings, type SessionDefaults } from "@/conversation/settings.ts";
import { BetaRealtimeSession, toBetaSession } from "@/realtime/beta/session_object.ts";
import { BetaSessionPatch, fromBetaPatch } from "@/realtime/beta/session_patch.ts";
import { SessionObject, toSessionObject } from "@/realtime/session_object.ts";
import type { Caller } from "@/realtime/handshake.ts";
import { applySessionRequest, SessionRequestInput } from "@/realtime/session_request.ts";
import type { ClientSecret, ClientSecrets } from "@/server/client_secrets.ts";
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
}).meta({ title: "ClientSecretRequest" });

/** A key, and what its sessions begin with. */
export const ClientSecretResponse = z.object({
  value: z.string().describe("`ek_…`: open a WebSocket with it, and nothing else."),
  expires_at: z.number().int().describe("Unix seconds."),
  session: SessionObject.describe("As a session that began now."),
}).meta({ title: "ClientSecretResponse" });

/** What a key is asked for with in the beta dialect: a session, flat. */
export const BetaSessionRequest = BetaSessionPatch.extend({
  model: SessionRequestInput.shape.model,
  client_secret: z.object({ expires_after: ExpiresAfter.nullish() }).nullish(),
}).meta({ title: "BetaSessionRequest" });

/** A session of the beta dialect, with the key that begins it. */
export const BetaSessionResponse = BetaRealtimeSession.extend({
  client_secret: z.object({ value: z.string(), expires_at: z.number().int() }),
}).meta({ title: "BetaSessionResponse" });

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

/** `/v1/realtime/client_secrets` and its predecessor, `/v1/realtime/sessions`: keys for browsers. */
export function clientSecretsRoutes(
  { secrets, defaults, maxMinutes, now = Date.now }: ClientSecretsRoutesOptions,
): readonly Route[] {
  /** Makes a key, and shows a session that began with it now. */
  async function make(
    { subject, session, expiresAfter }: Required<Caller> & {
      readonly expiresAfter: z.infer<typeof ExpiresAfter> | null | undefined;
    },
  ): Promise<ClientSecret & { readonly session: SessionObject }> {
    const settings = applySessionRequest(defaultSettings(await defaults()), session);
    const { seconds } = expiresAfter ?? ExpiresAfter.parse({});
    return {
      ...await secrets.create({ subject, session }, { seconds }),
      session: toSessionObject({
        id: newId("sess"),
        conversationId: newId("conv"),
        settings,
        expiresAt: Math.floor(now() / 1000) + maxMinutes * 60,
      }),
    };
  }

  return [
    {
      method: "POST",
      path: "/v1/realtime/client_secrets",
      countsAs: "connection",
      summary: "Makes a short-lived key that opens conversations with the given settings.",
      request: { "application/json": ClientSecretRequest },
      response: { "application/json": ClientSecretResponse },
      refusals: { 400: "A field is wrong." },
      async handle({ request, subject }) {
        const body = await readJson(request, ClientSecretRequest);
        const { value, expiresAt, session } = await make({
          subject,
          session: body.session ?? { type: "realtime" },
          expiresAfter: body.expires_after,
        });
        return Response.json({ value, expires_at: expiresAt, session });
      },
    },
    {
      method: "POST",
      path: "/v1/realtime/sessions",
      countsAs: "connection",
      summary: "The same in the beta dialect.",
      request: { "application/json": BetaSessionRequest },
      response: { "application/json": BetaSessionResponse },
      refusals: { 400: "A field is wrong." },
      async handle({ request, subject }) {
        const { model, client_secret, ...patch } = await readJson(request, BetaSessionRequest);
        const { value, expiresAt, session } = await make({
          subject,
          session: { ...fromBetaPatch(patch), model },
          expiresAfter: client_secret?.expires_after,
        });
        return Response.json({
          ...toBetaSession(session),
          client_secret: { value, expires_at: expiresAt },
        });
      },
    },
  ];
}
