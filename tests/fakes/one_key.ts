import type { HandshakePolicy } from "@/realtime/handshake.ts";
import { refuseCaller } from "@/server/auth/refuse_caller.ts";

/** Lets in whoever shows this one key, as this subject. */
export function oneKey(right: string, subject: string): HandshakePolicy["identify"] {
  return (key) => key === right ? { subject } : refuseCaller("key_unknown");
}
