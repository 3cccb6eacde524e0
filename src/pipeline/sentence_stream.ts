import type { ReplyEnd, ReplyPart, ToolCall } from "@/engines/llm/engine.ts";
import { nextCut } from "@/pipeline/next_cut.ts";
import { MAX_REPLY_PARTS } from "@/pipeline/reply.ts";

/** A piece of a reply to be spoken in one go: a sentence, or at the start a clause. */
export interface Sentence {
  /** From 0, within its reply. */
  readonly index: number;
  /** As the model wrote it, with the white space after it: all texts together are exactly the reply's text. */
  readonly text: string;
}

/** A reply in sentences. */
export type SpokenPart =
  | { readonly kind: "sentence"; readonly sentence: Sentence }
  | ToolCall
  | ReplyEnd;

/**
 * Groups the pieces of a reply into sentences, so that speech can start before the reply ends. A sentence is
 * passed on as soon as the first character of the next is there; the first one is cut short at a clause. Calls
 * and the end come after the text before them.
 *
 * It reads ahead of its reader, as `reply` does: backpressure begins at `synthesize`, and a call must be known
 * before the words ahead of it are spoken.
 */
export class SentenceStream extends TransformStream<ReplyPart, SpokenPart> {
  #pending = "";
  #index = 0;

  constructor() {
    super(
      {
        transform: (part, controller) => {
          if (part.kind === "text") return this.#push(part.text, controller);
          this.#flush(controller);
          controller.enqueue(part);
        },
        flush: (controller) => this.#flush(controller),
      },
      { highWaterMark: 1 },
      { highWaterMark: MAX_REPLY_PARTS },
    );
  }

  #push(text: string, controller: TransformStreamDefaultController<SpokenPart>): void {
    for (let i = 0; i < text.length; i++) {
      this.#pending += text[i];
      const cut = nextCut(this.#pending, this.#index === 0);
      if (cut !== undefined) this.#pass(cut, controller);
    }
  }

  #flush(controller: TransformStreamDefaultController<SpokenPart>): void {
    if (this.#pending !== "") this.#pass(this.#pending.length, controller);
  }

  #pass(length: number, controller: TransformStreamDefaultController<SpokenPart>): void {
    const sentence = { index: this.#index++, text: this.#pending.slice(0, length) };
    this.#pending = this.#pending.slice(length);
    controller.enqueue({ kind: "sentence", sentence });
  }
}
