/** What the list of subprotocols says. Browsers can send nothing else: it carries what others put in headers. */
export interface SubprotocolOffer {
  /** In the order of the header. */
  readonly protocols: readonly string[];
  /** From `openai-insecure-api-key.KEY`; an empty one is none. */
  readonly key: string | undefined;
  /** The beta dialect is wanted. */
  readonly beta: boolean;
}

const KEY_PREFIX = "openai-insecure-api-key.";

/** Reads `Sec-WebSocket-Protocol`: a list with or without spaces after its commas. */
export function readOffer(header: string | null): SubprotocolOffer {
  const protocols = (header ?? "").split(",").map((each) => each.trim()).filter((each) => each);
  return {
    protocols,
    key: protocols.find((each) => each.startsWith(KEY_PREFIX))?.slice(KEY_PREFIX.length) ||
      undefined,
    beta: protocols.includes("openai-beta.realtime-v1"),
  };
}

/** The one to answer with: clients fail on none where they offered some, and on any where they offered none. */
export function pickProtocol({ protocols }: SubprotocolOffer): string | undefined {
  return protocols.includes("realtime") ? "realtime" : protocols[0];
}
