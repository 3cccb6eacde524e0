/**
 * All that the server is told from outside, complete and read-only. `loadConfig` makes it of an environment.
 */
export interface Config {
  /** Address to listen on. Loopback unless told otherwise. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Folder of the model files, absolute. */
  readonly modelsDir: string;
  /** A file, `:memory:`, the URL of a KV Connect server, or `default` for the host's own store. */
  readonly kvPath: string;
  /** Engine of each kind by name, in failover order. */
  readonly engines: {
    readonly vad: readonly string[];
    readonly asr: readonly string[];
    readonly llm: readonly string[];
    readonly tts: readonly string[];
  };
  /** Voice of a session that names none; the engine's own default without it. */
  readonly voice: string | undefined;
  /** BCP 47 tag of the conversation. */
  readonly language: string;
  /** Persona of a session that brings none. */
  readonly instructions: string;
  /** Whether callers must show one of `apiKeys`. */
  readonly auth: "none" | "keys";
  readonly apiKeys: readonly string[];
  /** Origins of other sites whose pages may connect; `"*"` for all. The server's own page always may. */
  readonly corsOrigins: readonly string[] | "*";
  /** Minutes until a session ends by itself. */
  readonly maxSessionMinutes: number;
  /** Hours until an unused session is forgotten. */
  readonly sessionTtlHours: number;
  /** Recogniser Workers; 0 runs inference in the main isolate. */
  readonly inferenceWorkers: number;
  readonly logLevel: "debug" | "info" | "warning" | "error";
  readonly logFormat: "text" | "json";
}
