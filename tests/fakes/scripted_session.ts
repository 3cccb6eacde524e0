import type { SessionView } from "@/conversation/client.ts";
import type { Session, SessionEnd } from "@/conversation/session.ts";
import { defaultSettings } from "@/conversation/settings.ts";

/** One call of a session's method. */
export type SessionCall = readonly [method: keyof Session, ...args: unknown[]];

/** What a {@linkcode ScriptedSession} does when a method is called, e.g. throw. */
export type SessionScript = Partial<Record<keyof Session, () => void | Promise<void>>>;

/** A session that does nothing but write down what it is asked, and follow its script. */
export class ScriptedSession implements Session {
  readonly calls: SessionCall[] = [];
  readonly #life = new AbortController();
  readonly #script: SessionScript;
  #settings = defaultSettings({ model: "any", instructions: "", voice: "slt" });

  constructor(script: SessionScript = {}) {
    this.#script = script;
  }

  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** Ends the session, as the conversation does. */
  end(reason: SessionEnd): void {
    this.#life.abort(reason);
  }

  view(): SessionView {
    return {
      id: "sess_1",
      conversationId: "conv_1",
      settings: this.#settings,
      expiresAt: 1_800_000_000,
    };
  }

  update: Session["update"] = async (settings) => {
    await this.#call("update", settings);
    this.#settings = settings;
  };
  append: Session["append"] = (audio) => void this.#call("append", audio);
  commit: Session["commit"] = async () => await this.#call("commit");
  clear: Session["clear"] = async () => await this.#call("clear");
  createItem: Session["createItem"] = async (...args) => await this.#call("createItem", ...args);
  retrieveItem: Session["retrieveItem"] = (...args) => void this.#call("retrieveItem", ...args);
  deleteItem: Session["deleteItem"] = async (...args) => await this.#call("deleteItem", ...args);
  truncateItem: Session["truncateItem"] = async (...args) =>
    await this.#call("truncateItem", ...args);
  createResponse: Session["createResponse"] = async (...args) =>
    await this.#call("createResponse", ...args);
  cancelResponse: Session["cancelResponse"] = async (...args) =>
    await this.#call("cancelResponse", ...args);

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#call(Symbol.asyncDispose);
    this.end("disconnected");
  }

  #call(method: keyof Session, ...args: unknown[]): void | Promise<void> {
    this.calls.push([method, ...args]);
    return this.#script[method]?.();
  }
}
