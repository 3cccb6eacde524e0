/** A WebSocket client that reads when the test says so, and not before: what a runtime's own never does. */
export interface RawClient extends Disposable {
  /** Sends one event. */
  send(event: Record<string, unknown>): Promise<void>;
  /** Reads everything up to the first event of a type. */
  readTo(type: string): Promise<void>;
  /** Reads everything up to the server's close frame; rejects if the connection ends without one. */
  readToClose(): Promise<{ readonly code: number; readonly reason: string }>;
}

const CLOSE = 8;

/** Connects and waits until the server has switched protocols. */
export async function connectRaw(url: string): Promise<RawClient> {
  const { hostname, port, pathname, search } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await writeAll(
    connection,
    new TextEncoder().encode([
      `GET ${pathname}${search} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
      "\r\n",
    ].join("\r\n")),
  );
  let bytes = new Uint8Array();
  const chunk = new Uint8Array(65_536);

  /** Makes sure that so many bytes are there. */
  async function fill(length: number): Promise<void> {
    const parts = [bytes];
    let there = bytes.length;
    while (there < length) {
      const read = await connection.read(chunk);
      if (read === null) throw new Error("The connection ended without a close frame");
      parts.push(chunk.slice(0, read));
      there += read;
    }
    bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  }

  async function take(length: number): Promise<Uint8Array> {
    if (bytes.length < length) await fill(length);
    const taken = bytes.subarray(0, length);
    bytes = bytes.subarray(length);
    return taken;
  }

  let head = "";
  while (!head.endsWith("\r\n\r\n")) head += String.fromCharCode(...await take(1));
  if (!head.startsWith("HTTP/1.1 101")) throw new Error(head);

  async function takeFrame(): Promise<{ readonly opcode: number; readonly payload: Uint8Array }> {
    const [first = 0, second = 0] = await take(2);
    const short = second & 0x7f;
    const long = short < 126 ? undefined : await take(short === 126 ? 2 : 8);
    const length = long?.reduce((sum, byte) => sum * 256 + byte, 0) ?? short;
    return { opcode: first & 0x0f, payload: await take(length) };
  }

  return {
    send: (event) => writeAll(connection, frame(new TextEncoder().encode(JSON.stringify(event)))),
    async readTo(type) {
      for (;;) {
        const { payload } = await takeFrame();
        if (JSON.parse(new TextDecoder().decode(payload)).type === type) return;
      }
    },
    async readToClose() {
      for (;;) {
        const { opcode, payload } = await takeFrame();
        if (opcode !== CLOSE) continue;
        const code = payload[0]! * 256 + payload[1]!;
        return { code, reason: new TextDecoder().decode(payload.subarray(2)) };
      }
    },
    [Symbol.dispose]: () => connection.close(),
  };
}

/** A whole text frame, masked with zeros, as clients must. */
function frame(payload: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(14));
  head.setUint8(0, 0x81);
  head.setUint8(1, 0xff);
  head.setBigUint64(2, BigInt(payload.length));
  const framed = new Uint8Array(14 + payload.length);
  framed.set(new Uint8Array(head.buffer));
  framed.set(payload, 14);
  return framed;
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}
