/// <reference lib="dom" />
import type { ViewItem } from "@/web/conversation_view.ts";

/** How close to its end the transcript must be to follow it, in CSS pixels. */
const FOLLOW_WITHIN = 80;

/** Shows the transcript of a conversation inside an element, and follows its end unless the reader scrolled up. */
export class TranscriptList {
  readonly #list: HTMLElement;
  readonly #scroller: HTMLElement;
  readonly #lines = new Map<string, { shown: ViewItem; element: HTMLElement }>();
  /** The reader is at the end, and wants to stay there. */
  #following = true;

  /** `scroller` is the element that scrolls `list`. */
  constructor(list: HTMLElement, scroller: HTMLElement) {
    this.#list = list;
    this.#scroller = scroller;
    scroller.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = scroller;
      this.#following = scrollHeight - scrollTop - clientHeight < FOLLOW_WITHIN;
    }, { passive: true });
    new ResizeObserver(() => this.#follow()).observe(scroller);
  }

  /** Shows these items. Touches only what changed, so that a reader's selection survives. */
  show(items: readonly ViewItem[]): void {
    const visible = items.filter((item) => item.role !== "hidden" && item.text !== "");
    const ids = new Set(visible.map((item) => item.id));
    for (const [id, { element }] of this.#lines) {
      if (ids.has(id)) continue;
      element.remove();
      this.#lines.delete(id);
    }
    let previous: Element | null = null;
    for (const item of visible) {
      const element = this.#line(item);
      const next: Element | null = previous
        ? previous.nextElementSibling
        : this.#list.firstElementChild;
      if (next !== element) this.#list.insertBefore(element, next);
      previous = element;
    }
    this.#follow();
  }

  #follow(): void {
    if (this.#following) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #line(item: ViewItem): HTMLElement {
    const line = this.#lines.get(item.id);
    if (line?.shown === item) return line.element;
    const element = line?.element ?? newLine(item);
    write(element, item);
    this.#lines.set(item.id, { shown: item, element });
    return element;
  }
}

function newLine(item: ViewItem): HTMLElement {
  const element = document.createElement("p");
  element.className = "line";
  element.dataset.role = item.role;
  element.dir = "auto";
  return element;
}

function write(element: HTMLElement, item: ViewItem): void {
  element.toggleAttribute("data-partial", item.partial);
  const heard = item.heard ?? item.text;
  const speaker = document.createElement("span");
  speaker.className = "hidden";
  speaker.textContent = item.role === "user" ? "You: " : "ChatAI: ";
  const rest = item.text.slice(heard.length);
  const words = rest.trim();
  if (words === "") element.replaceChildren(speaker, item.text);
  else element.replaceChildren(speaker, heard, rest.slice(0, rest.indexOf(words)), unheard(words));
}

function unheard(text: string): HTMLElement {
  const element = document.createElement("s");
  const note = document.createElement("span");
  note.className = "hidden";
  note.textContent = " (not heard: ";
  const end = document.createElement("span");
  end.className = "hidden";
  end.textContent = ")";
  element.append(note, text, end);
  return element;
}
