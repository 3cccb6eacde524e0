import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { serveDir, serveFile } from "@std/http/file-server";

const TEXT = "0123456789".repeat(20_000);

Deno.test("serveFile answers with the file, its type, length and age", async () => {
  await using folder = await createFolder({ "a.txt": TEXT });

  const response = await serveFile(get("/"), `${folder.path}/a.txt`);

  equal(response.status, 200);
  equal(response.headers.get("content-type"), "text/plain; charset=UTF-8");
  equal(response.headers.get("content-length"), `${TEXT.length}`);
  equal(response.headers.get("accept-ranges"), "bytes");
  ok(response.headers.has("etag") && response.headers.has("last-modified"));
  equal(await response.text(), TEXT);
});

Deno.test("serveFile knows the types of what a page consists of", async () => {
  const types = {
    "index.html": "text/html; charset=UTF-8",
    "app.js": "text/javascript; charset=UTF-8",
    "style.CSS": "text/css; charset=UTF-8",
    "model.wasm": "application/wasm",
    "icon.svg": "image/svg+xml; charset=UTF-8",
    "what.constructor": null,
    "README": null,
  };
  await using folder = await createFolder(mapValues(types, () => "x"));

  for (const [name, type] of Object.entries(types)) {
    const response = await serveFile(get("/"), `${folder.path}/${name}`);
    await response.body?.cancel();
    equal(response.headers.get("content-type"), type, name);
  }
});

Deno.test("serveFile answers with 404 where there is no file", async () => {
  await using folder = await createFolder({ "a.txt": "x" });

  const nothing = await serveFile(get("/"), `${folder.path}/b.txt`);
  const within = await serveFile(get("/"), `${folder.path}/a.txt/b.txt`);
  const itself = await serveFile(get("/"), folder.path);

  deepEqual([nothing.status, within.status, itself.status], [404, 404, 404]);
});

Deno.test("serveFile does not send again what the client has", async () => {
  await using folder = await createFolder({ "a.txt": TEXT });
  const path = `${folder.path}/a.txt`;
  const first = await serveFile(head(), path);
  const etag = first.headers.get("etag")!;
  const modified = first.headers.get("last-modified")!;

  const fresh: Record<string, string>[] = [
    { "if-none-match": etag },
    { "if-none-match": `"other", ${etag}` },
    { "if-none-match": etag.replace("W/", "") },
    { "if-none-match": "*" },
    { "if-modified-since": modified },
  ];
  for (const headers of fresh) {
    const response = await serveFile(get("/", headers), path);
    equal(response.status, 304, JSON.stringify(headers));
    equal(response.body, null);
    equal(response.headers.get("etag"), etag);
  }

  const stale: Record<string, string>[] = [
    { "if-none-match": '"other"' },
    { "if-none-match": '"other"', "if-modified-since": modified },
    { "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT" },
    { "if-modified-since": "some day" },
  ];
  for (const headers of stale) {
    const response = await serveFile(get("/", headers), path);
    await response.body?.cancel();
    equal(response.status, 200, JSON.stringify(headers));
  }
});

Deno.test("serveFile's ETag changes with the file", async () => {
  await using folder = await createFolder({ "a.txt": "x" });
  const path = `${folder.path}/a.txt`;

  const before = (await serveFile(head(), path)).headers.get("etag");
  await Deno.writeTextFile(path, "longer");
  const after = (await serveFile(head(), path)).headers.get("etag");

  ok(before !== after);
});

Deno.test("serveFile answers a range with those bytes", async () => {
  await using folder = await createFolder({ "a.txt": TEXT });
  const last = TEXT.length - 1;
  const ranges: [string, number, number][] = [
    ["bytes=0-9", 0, 9],
    ["bytes=100000-100004", 100_000, 100_004],
    ["bytes=5-", 5, last],
    ["bytes=-7", last - 6, last],
    [`bytes=${last}-${last + 100}`, last, last],
    ["bytes=-9999999", 0, last],
  ];

  for (const [range, start, end] of ranges) {
    const response = await serveFile(get("/", { range }), `${folder.path}/a.txt`);
    equal(response.status, 206, range);
    equal(response.headers.get("content-range"), `bytes ${start}-${end}/${TEXT.length}`);
    equal(response.headers.get("content-length"), `${end - start + 1}`);
    equal(await response.text(), TEXT.slice(start, end + 1));
  }
});

Deno.test("serveFile refuses a range outside the file and ignores one it does not understand", async () => {
  await using folder = await createFolder({ "a.txt": "0123456789", "empty.txt": "" });
  const statuses: Record<string, number> = {
    "bytes=10-": 416,
    "bytes=5-3": 416,
    "bytes=-0": 416,
    "bytes=-": 200,
    "bytes=0-1,3-4": 200,
    "lines=1-2": 200,
  };

  for (const [range, expected] of Object.entries(statuses)) {
    const response = await serveFile(get("/", { range }), `${folder.path}/a.txt`);
    await response.body?.cancel();
    equal(response.status, expected, range);
    if (expected === 416) equal(response.headers.get("content-range"), "bytes */10");
  }
  const empty = await serveFile(get("/", { range: "bytes=0-1" }), `${folder.path}/empty.txt`);
  equal(empty.status, 200);
  equal(await empty.text(), "");
});

Deno.test("serveFile answers HEAD with headers alone, other methods not at all", async () => {
  await using folder = await createFolder({ "a.txt": TEXT });
  const path = `${folder.path}/a.txt`;

  const headers = await serveFile(head(), path);
  const post = await serveFile(new Request("http://localhost/", { method: "POST" }), path);

  equal(headers.status, 200);
  equal(headers.body, null);
  equal(headers.headers.get("content-length"), `${TEXT.length}`);
  equal(post.status, 405);
  equal(post.headers.get("allow"), "GET, HEAD");
});

Deno.test("serveDir answers with the files of a folder and of those within", async () => {
  await using folder = await createFolder({ "index.html": "home", "sub/some file.txt": "below" });

  const root = await serve(folder, "/");
  const file = await serve(folder, "/sub/some%20file.txt");
  const absent = await serve(folder, "/sub/other.txt");
  const noIndex = await serve(folder, "/sub/");

  equal(await root.text(), "home");
  equal(root.headers.get("content-type"), "text/html; charset=UTF-8");
  equal(await file.text(), "below");
  deepEqual([absent.status, noIndex.status], [404, 404]);
});

Deno.test("serveDir redirects to the one right address", async () => {
  await using folder = await createFolder({ "a.txt": "x", "sub/index.html": "below" });
  const redirects: Record<string, string> = {
    "/sub?x=1": "http://localhost/sub/?x=1",
    "/a.txt/": "http://localhost/a.txt",
    "/sub//index.html": "http://localhost/sub/index.html",
  };

  for (const [path, location] of Object.entries(redirects)) {
    const response = await serve(folder, path);
    equal(response.status, 301, path);
    equal(response.headers.get("location"), location);
  }
});

Deno.test("serveDir lets nobody out of the folder", async () => {
  await using folder = await createFolder({ "public/a.txt": "x", "secret.txt": "secret" });
  const paths = [
    "/../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/%2e%2e%2f%2e%2e%2fsecret.txt",
    "/a.txt/../../secret.txt",
    "/public/..%2f..%2fsecret.txt",
    "/..%5csecret.txt",
    "/secret.txt%00.html",
  ];

  for (const path of paths) {
    const fsRoot = `${folder.path}/public`;
    let response = await serveDir(get(path), { fsRoot, quiet: true });
    while (response.status === 301) {
      const location = new URL(response.headers.get("location")!);
      response = await serveDir(get(location.pathname), { fsRoot, quiet: true });
    }
    ok(response.status === 404 || response.status === 400, `${path}: ${response.status}`);
    await response.body?.cancel();
  }
});

Deno.test("serveDir serves a folder below a beginning of the URL, and only there", async () => {
  await using folder = await createFolder({ "a.txt": "x", "static/a.txt": "not this one" });
  const options = { fsRoot: folder.path, urlRoot: "static", quiet: true };

  const inside = await serveDir(get("/static/a.txt"), options);
  const outside = await serveDir(get("/a.txt"), options);
  const alike = await serveDir(get("/static-a.txt"), options);
  const root = await serveDir(get("/static"), options);

  equal(await inside.text(), "x");
  deepEqual([outside.status, alike.status, root.status], [404, 404, 301]);
});

Deno.test("serveDir adds headers to what it serves", async () => {
  await using folder = await createFolder({ "a.txt": "x" });
  const headers = ["cache-control: no-cache", "x-address:http://localhost:1"];

  const response = await serveDir(get("/a.txt"), { fsRoot: folder.path, quiet: true, headers });
  await response.body?.cancel();

  equal(response.headers.get("cache-control"), "no-cache");
  equal(response.headers.get("x-address"), "http://localhost:1");
});

Deno.test("serveDir answers a broken address with 400 and other methods with 405", async () => {
  await using folder = await createFolder({ "a.txt": "x" });

  const broken = await serve(folder, "/%E0%A4%A");
  const put = await serveDir(new Request("http://localhost/a.txt", { method: "PUT" }), {
    fsRoot: folder.path,
    quiet: true,
  });

  deepEqual([broken.status, put.status], [400, 405]);
});

Deno.test("a file that is served over a real connection arrives whole", async () => {
  await using folder = await createFolder({ "big.txt": TEXT.repeat(10) });
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => serveDir(request, { fsRoot: folder.path, quiet: true }),
  );

  const address = `http://127.0.0.1:${server.addr.port}/big.txt`;
  const whole = await fetch(address);
  const part = await fetch(address, { headers: { range: "bytes=1000000-1000009" } });
  const nothing = await fetch(address, { method: "HEAD" });

  equal((await whole.text()).length, TEXT.length * 10);
  match(await part.text(), /^0123456789$/);
  equal(await nothing.text(), "");
});

interface Folder extends AsyncDisposable {
  readonly path: string;
}

async function createFolder(files: Record<string, string>): Promise<Folder> {
  const path = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    const file = `${path}/${name}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function serve(folder: Folder, path: string): Promise<Response> {
  return serveDir(get(path), { fsRoot: folder.path, quiet: true });
}

function get(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`http://localhost${path}`, { headers });
}

function head(): Request {
  return new Request("http://localhost/", { method: "HEAD" });
}

function mapValues<T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
