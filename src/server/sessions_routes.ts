import { z } from "zod";
import { Item } from "@/conversation/item.ts";
import type { SessionStore } from "@/conversation/session_store.ts";
import { SessionSettings } from "@/conversation/settings.ts";
import { errorResponse } from "@/server/errors.ts";
import type { Route } from "@/server/route.ts";

/** What is remembered of a session. */
export const StoredSessionObject = z.object({
  object: z.literal("chatai.session"),
  id: z.string(),
  conversation_id: z.string(),
  expires_at: z.number().int().describe("When it is forgotten unless it is used, in Unix seconds."),
  settings: SessionSettings,
  items: z.array(Item).describe(
    "The history, oldest first: of what the assistant said, what was heard.",
  ),
}).meta({ title: "StoredSession" });

/** {@inheritDoc StoredSessionObject} */
export type StoredSessionObject = z.infer<typeof StoredSessionObject>;

/** Says that a session is gone. */
export const DeletedSession = z.object({
  object: z.literal("chatai.session.deleted"),
  id: z.string(),
  deleted: z.literal(true),
}).meta({ title: "DeletedSession" });

/** `/v1/sessions/{session}`: for whoever began it, and nobody else. */
export function sessionsRoutes(store: Pick<SessionStore, "read" | "delete">): readonly Route[] {
  const path = "/v1/sessions/{session}";
  const refusals = { 404: "There is no such session, or no longer, or it is another caller's." };

  return [
    {
      method: "GET",
      path,
      summary: "Shows the history and the settings of a session, while it runs and afterwards.",
      response: { "application/json": StoredSessionObject },
      refusals,
      async handle({ params: { session: id = "" }, subject }) {
        const found = await store.read(id, subject);
        if (found === undefined) return notFound();
        const { session, items, expiresAt } = found;
        return Response.json(
          {
            object: "chatai.session",
            id,
            conversation_id: session.conversationId,
            expires_at: Math.floor(expiresAt / 1000),
            settings: session.settings,
            items: items.map(({ item }) => item),
          } satisfies StoredSessionObject,
        );
      },
    },
    {
      method: "DELETE",
      path,
      summary: "Forgets a session and all that was said in it. If it runs, it ends.",
      response: { "application/json": DeletedSession },
      refusals,
      async handle({ params: { session: id = "" }, subject }) {
        if (!await store.delete(id, subject)) return notFound();
        return Response.json({ object: "chatai.session.deleted", id, deleted: true });
      },
    },
  ];
}

/** The same for a session that is not there and for one of somebody else: nobody can find out which ids exist. */
function notFound(): Response {
  return errorResponse(404, {
    type: "invalid_request_error",
    code: "session_not_found",
    message: "There is no such session, or it is not yours.",
    param: "session",
  });
}
