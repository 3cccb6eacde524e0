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

Deno.test("of a field that comes twice and is no list, the first is read", async () => {
  deepEqual(await readForm(request([["name", "A"], ["name", "B"]]), Shape), { name: "A" });
});

Deno.test("a form of more than 100 fields is refused, and one of so many is not", async () => {
  const tags = Array(99).fill(["tags[]", "b"] as const);

  const { tags: read } = await readForm(request([["name", "A"], ...tags]), Shape);

  deepEqual(read?.length, 99);
  await rejects(readForm(request([["name", "A"], ["name", "A"], ...tags]), Shape), {
    name: "InvalidRequest",
    code: "invalid_form",
    message: "The form has more than 100 fields.",
  });
});

Deno.test("a form of too many fields is refused before it is parsed", async () => {
  const body = `${"--x\r\n".repeat(200)}and no end`;
  const headers = { "content-type": "multipart/form-data; boundary=x" };

  const reading = readForm(new Request("http://x/", { method: "POST", body, headers }), Shape);

  await rejects(reading, { message: "The form has more than 100 fields." });
});

for (
  const type of [
    "multipart/form-data; boundary=a-b",
    'multipart/form-data; boundary="a-b"',
    "Multipart/Form-Data;charset=utf-8; Boundary=a-b ; more=c",
  ]
) {
  Deno.test(`a form is read whose type is ${type}`, async () => {
    const body = '--a-b\r\ncontent-disposition: form-data; name="name"\r\n\r\nA\r\n--a-b--\r\n';
    const headers = { "content-type": type };

    const form = await readForm(new Request("http://x/", { method: "POST", body, headers }), Shape);

    deepEqual(form, { name: "A" });
  });
}

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
  const encoded = new URLSearchParams({ name: "A" });
  await rejects(
    readForm(new Request("http://x/", { method: "POST", body: encoded }), Shape),
    { code: "invalid_form" },
  );
});
