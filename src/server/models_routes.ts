import { z } from "zod";
import type { Config } from "@/config.ts";
import { errorResponse } from "@/server/errors.ts";
import type { Route } from "@/server/route.ts";

/** A model as OpenAI's API shows it. Here it is an engine, or the whole of them. */
export const Model = z.object({
  id: z.string(),
  object: z.literal("model"),
  created: z.number().int().describe("When this server began to run it, in Unix seconds."),
  owned_by: z.string(),
}).meta({ title: "Model" });

/** {@inheritDoc Model} */
export type Model = z.infer<typeof Model>;

/** All models, as OpenAI's API lists them. */
export const ModelList = z.object({ object: z.literal("list"), data: z.array(Model) })
  .meta({ title: "ModelList" });

/** What is shown. */
export interface ModelsOptions extends Pick<Config, "engines"> {
  /** ms since 1970. @default {Date.now} */
  readonly now?: () => number;
}

/** `/v1/models`: `chatai`, which is the conversation as a whole, and the engines that run. */
export function modelsRoutes({ engines, now = Date.now }: ModelsOptions): readonly Route[] {
  const created = Math.floor(now() / 1000);
  const ids = new Set(["chatai", ...Object.values(engines).flat()]);
  const models: readonly Model[] = [...ids].map((id) => (
    { id, object: "model", created, owned_by: "chatai" }
  ));

  return [
    {
      method: "GET",
      path: "/v1/models",
      summary: "Lists the engines that run; `chatai` is all of them together.",
      response: { "application/json": ModelList },
      handle: () => Response.json({ object: "list", data: models }),
    },
    {
      method: "GET",
      path: "/v1/models/{model}",
      summary: "Tells of one engine.",
      response: { "application/json": Model },
      refusals: { 404: "No such engine runs." },
      handle({ params: { model: id } }) {
        const model = models.find((each) => each.id === id);
        return model ? Response.json(model) : errorResponse(404, {
          type: "invalid_request_error",
          code: "model_not_found",
          message: `There is no model '${id?.slice(0, 60)}' here. GET /v1/models lists them.`,
          param: "model",
        });
      },
    },
  ];
}
