import { MAX_ITEMS } from "@/conversation/history.ts";
import { InvalidRequest } from "@/errors.ts";
import { formatPath } from "@/realtime/invalid_field.ts";

/** An object or array in a message, and where it stands; no key for the message itself. */
interface Place {
  readonly node: object;
  readonly key?: string | number;
  readonly parent?: Place;
}

/** Deepest nesting of a message. What is deeper could not be written again without an overflow of the stack. */
const MAX_DEPTH = 100;

/**
 * Most values of a message, at all depths together. A schema notes everything that is wrong before it says so,
 * which takes about 2 µs and 600 bytes a value: 0.2 s for so many. The largest tools have some thousand, and
 * audio is one.
 */
const MAX_VALUES = 100_000;

/**
 * Takes `__proto__` keys out of a parsed message. Bounds its depth, the length of its arrays and how many values it
 * has, so that no message keeps all others waiting while it is validated. Uses no recursion.
 *
 * @throws {InvalidRequest} `invalid_event` if it has more than it may
 */
export function cleanse(message: object): void {
  let values = 0;
  let level: Place[] = [{ node: message }];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) {
      throw refusal(`The message is nested more than ${MAX_DEPTH} levels deep.`);
    }
    const next: Place[] = [];
    for (const parent of level) {
      const keys = keysOf(parent);
      values += keys.length;
      if (values > MAX_VALUES) {
        throw refusal(`The message has more than ${MAX_VALUES} values.`);
      }
      for (const key of keys) {
        const node: unknown = Reflect.get(parent.node, key);
        if (typeof node === "object" && node !== null) next.push({ node, key, parent });
      }
    }
    level = next;
  }
}

function keysOf(place: Place): readonly (string | number)[] {
  const { node } = place;
  if (!Array.isArray(node)) {
    if (Object.hasOwn(node, "__proto__")) Reflect.deleteProperty(node, "__proto__");
    return Object.keys(node);
  }
  if (node.length > MAX_ITEMS) {
    const param = pathOf(place);
    throw refusal(`Invalid value for '${param}': it has more than ${MAX_ITEMS} elements.`, param);
  }
  return [...node.keys()];
}

function pathOf(place: Place): string {
  const keys: (string | number)[] = [];
  for (let at: Place | undefined = place; at?.key !== undefined; at = at.parent) keys.push(at.key);
  return formatPath(keys.toReversed());
}

function refusal(message: string, param: string | null = null): InvalidRequest {
  return new InvalidRequest(message, { code: "invalid_event", param });
}
