import { SCRIPT } from "@/engines/llm/scripted/script.ts";
import type { Message } from "@/engines/llm/engine.ts";

type Output = Extract<Message, { role: "output" }>;

/** Longest list of values that is read out. */
const MOST_VALUES = 8;

/** Says what the functions answered, if the conversation ends with that: one sentence for each. */
export function reportOutputs(messages: readonly Message[]): string | undefined {
  const end = messages.findLastIndex((message) => message.role !== "output");
  const outputs = messages.slice(end + 1).filter((message): message is Output =>
    message.role === "output"
  );
  if (outputs.length === 0) return undefined;
  return outputs.map((output) => report(output, nameOf(output, messages))).join(" ");
}

function nameOf({ callId }: Output, messages: readonly Message[]): string {
  const call = messages.find((message) => message.role === "call" && message.callId === callId);
  return readable(call?.role === "call" ? call.name : "The function");
}

function report({ output }: Output, name: string): string {
  const value = parse(output);
  const said = say(value);
  if (said === "") return SCRIPT.done;
  return `${name[0]!.toUpperCase()}${name.slice(1)} says: ${said.replace(/[.\s]+$/, "")}.`;
}

function parse(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return output;
  }
}

function say(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.slice(0, MOST_VALUES).map(say).filter(Boolean).join(", ");
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([key, entry]) => [readable(key), say(entry)] as const)
      .filter(([, entry]) => entry !== "")
      .slice(0, MOST_VALUES)
      .map(([key, entry]) => `${key} is ${entry}`)
      .join(", ");
  }
  return `${value}`.trim();
}

/** "getWeather" and "get_weather" → "get weather". */
function readable(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ").toLowerCase();
}
