import { z } from "zod";
import { FunctionTool, type SessionSettings } from "@/conversation/settings.ts";
import { InvalidRequest } from "@/errors.ts";

/** A tool as a client writes it. Those of type `mcp` are known, and refused: this server runs no tools. */
export const ToolInput = z.discriminatedUnion("type", [
  FunctionTool,
  z.object({ type: z.literal("mcp") }),
]);

/** {@inheritDoc ToolInput} */
export type ToolInput = z.infer<typeof ToolInput>;

/**
 * The functions among the tools, which must be all of them.
 *
 * @param path Where the tools stand in the event, e.g. `"session.tools"`, for the error.
 * @throws {InvalidRequest} `unsupported` if one is of another type
 */
export function toFunctionTools(
  tools: readonly ToolInput[],
  path: string,
): SessionSettings["tools"] {
  return tools.map((tool, i) => {
    if (tool.type === "function") return tool;
    throw new InvalidRequest(
      `Tools of type '${tool.type}' are not supported. Supported values are: 'function'.`,
      { code: "unsupported", param: `${path}[${i}].type` },
    );
  });
}
