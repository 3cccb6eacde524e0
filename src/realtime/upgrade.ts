/** A connection that was upgraded, and the response that says so. */
export interface Upgrade {
  /** Opens once the response is on its way. */
  readonly socket: WebSocket;
  /** To be returned by the HTTP handler. */
  readonly response: Response;
}

/**
 * Upgrades a request. The subprotocol is set on the response by hand: `Deno.upgradeWebSocket` looks for it in the
 * header split at comma and space, and throws for clients that send the list without spaces.
 *
 * @param protocol As the handshake chose it.
 */
export function upgradeSocket(request: Request, protocol: string | undefined): Upgrade {
  const { socket, response } = Deno.upgradeWebSocket(request);
  if (protocol !== undefined) response.headers.set("sec-websocket-protocol", protocol);
  return { socket, response };
}
