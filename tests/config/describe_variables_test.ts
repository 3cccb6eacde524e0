import { deepStrictEqual as deepEqual, throws } from "node:assert/strict";
import { z } from "zod";
import { describeVariables } from "@/config/describe_variables.ts";
import { wholeNumber } from "@/config/values.ts";

Deno.test("describeVariables() tells a default as an operator would write it, before it is read", () => {
  const variables = {
    PORT: wholeNumber(0, 65_535).default(8000).meta({ description: "port" }),
    FOLDER: z.string().default("models").transform((path) => `/srv/${path}`)
      .meta({ description: "folder" }),
    LIST: z.string().default("a,b").transform((text) => text.split(",")).pipe(z.array(z.string()))
      .meta({ description: "list" }),
  };

  deepEqual(describeVariables(variables), [
    { name: "PORT", unset: "`8000`", meaning: "port" },
    { name: "FOLDER", unset: "`models`", meaning: "folder" },
    { name: "LIST", unset: "`a,b`", meaning: "list" },
  ]);
});

Deno.test("describeVariables() tells nothing where nothing stands for a variable that is not set", () => {
  const variables = {
    KEY: z.string().optional().meta({ description: "key" }),
    KEYS: z.string().default("").meta({ description: "keys" }),
  };

  deepEqual(describeVariables(variables).map(({ unset }) => unset), ["", ""]);
});

Deno.test("describeVariables() takes words for a default that is no text, or depends on the machine", () => {
  const WORKERS = wholeNumber(0, 256).default(7).meta({
    description: "workers",
    unset: "cores − 1",
  });

  deepEqual(describeVariables({ WORKERS }).map(({ unset }) => unset), ["cores − 1"]);
});

Deno.test("describeVariables() refuses a variable that says not what it means", () => {
  throws(() => describeVariables({ PORT: z.string() }), /Cannot describe PORT/);
});
