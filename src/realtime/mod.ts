/**
 * The wire: everything between a WebSocket and the conversation. A connection is `readHandshake`,
 * `upgradeSocket`, then `serveSession`.
 *
 * @module
 */
export { type Handshake, type HandshakePolicy, readHandshake } from "@/realtime/handshake.ts";
export { type OpenSession, serveSession, type SessionRequest } from "@/realtime/serve_session.ts";
export { type Upgrade, upgradeSocket } from "@/realtime/upgrade.ts";
