import type { FakeAnswer, FakeError, FakeOpenAiOptions, FakeRequest } from "./openai_server.ts";

export function transcribe(
  _: FakeRequest,
  __: FakeOpenAiOptions,
): Promise<FakeAnswer | { readonly error: FakeError }> {
  throw new Error("soon");
}
export function speak(
  _: FakeRequest,
  __: FakeOpenAiOptions,
): Promise<FakeAnswer | { readonly error: FakeError }> {
  throw new Error("soon");
}
