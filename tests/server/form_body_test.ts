import { deepStrictEqual as deepEqual, rejects } from "node:assert/strict";
import { z } from "zod";
import { readForm } from "@/server/form_body.ts";

const Shape = z.object({ name: z.string(), tags: z.array(z.string()).optional() });

function request(fields: readonly (readonly [string, string])[]): Request {
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  return new Request("http://x/", { method: "POST", body });
}

Deno.test("the fields of a form are read, lists by the brackets of their name", async () => {
  const form = request([["name", "A"], ["tags[]", "b"], ["tags[]", "c"], ["more", "d"]]);

  deepEqual(await readForm(form, Shape), { name: "A", tags: ["b", "c"] });
});

Deno.test("a list of one is a list", async () => {
  deepEqual(await readForm(request([["name", "A"], ["tags[]", "b"]]), Shape), {
    name: "A",
    tags: ["b"],
  });
});

Deno.test("a field that is wrong is named", async () => {
  await rejects(readForm(request([["tags[]", "b"]]), Shape), {
    name: "InvalidRequest",
    code: "missing_required_parameter",
    param: "name",
  });
  await rejects(readForm(request([["name", "A"], ["tags", "b"]]), Shape), {
    code: "invalid_type",
    param: "tags",
  });
});

Deno.test("fields named like parts of every object do no harm", async () => {
  const form = request([["__proto__", "x"], ["constructor", "y"], ["name", "A"]]);

  deepEqual(await readForm(form, Shape), { name: "A" });
});

Deno.test("what is no form is refused", async () => {
  const text = new Request("http://x/", { method: "POST", body: "hello" });
  const json = Response.json({ name: "A" });

  await rejects(readForm(text, Shape), { name: "InvalidRequest", code: "invalid_form" });
  await rejects(
    readForm(
      new Request("http://x/", { method: "POST", body: json.body, headers: json.headers }),
      Shape,
    ),
    { code: "invalid_form" },
  );
});
