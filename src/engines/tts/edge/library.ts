import { MsEdgeTTS } from "msedge-tts";

/** What we need of npm `msedge-tts` that it declares private: it has one address for all, and signs it. */
export const library = MsEdgeTTS as unknown as {
  WSS_URL: string;
  getSynthUrl(): Promise<string>;
};

/** The public service. */
export const PUBLIC_URL = library.WSS_URL;
