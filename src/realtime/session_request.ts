import { z } from "zod";
import type { SessionSettings } from "@/conversation/settings.ts";
import { applySessionUpdate, SessionPatch } from "@/realtime/session_update.ts";

/** A session that is yet to begin: an update of the defaults, and how its client calls the model. */
export const SessionRequestInput = SessionPatch.extend({ model: z.string().nullish() });

/** {@inheritDoc SessionRequestInput} */
export type SessionRequestInput = z.infer<typeof SessionRequestInput>;

/**
 * The settings that such a session begins with.
 *
 * @throws {InvalidRequest} if it asks for what is not served
 */
export function applySessionRequest(
  defaults: SessionSettings,
  { model, ...patch }: SessionRequestInput,
): SessionSettings {
  return applySessionUpdate({ ...defaults, model: model ?? defaults.model }, patch);
}
