import { deepStrictEqual as deepEqual, rejects } from "node:assert/strict";
import { ConfigError } from "@/errors.ts";
import { readTls } from "@/server/tls.ts";
import { makeCertificate } from "../fakes/certificate.ts";

/** The problems that it is to name, as `VARIABLE: message`, one pattern each. */
function names(...patterns: RegExp[]) {
  return (error: Error) =>
    error instanceof ConfigError && error.problems.length === patterns.length &&
    patterns.every((pattern, i) =>
      pattern.test(`${error.problems[i]?.variable}: ${error.problems[i]?.message}`)
    );
}

Deno.test("readTls() reads a certificate and its key", async () => {
  await using pair = await makeCertificate();

  deepEqual(await readTls(pair), { cert: pair.cert, key: pair.key });
});

Deno.test("readTls() names both files when neither can be read", async () => {
  await rejects(
    readTls({ certPath: "/nowhere/cert.pem", keyPath: "/nowhere/key.pem" }),
    names(
      /^TLS_CERT: cannot read \/nowhere\/cert\.pem: /,
      /^TLS_KEY: cannot read \/nowhere\/key\.pem: /,
    ),
  );
});

Deno.test("readTls() tells a key from a certificate", async () => {
  await using pair = await makeCertificate();

  await rejects(
    readTls({ certPath: pair.keyPath, keyPath: pair.certPath }),
    names(
      /^TLS_CERT: .*key\.pem does not hold a certificate in PEM/,
      /^TLS_KEY: .*cert\.pem does not hold a private key in PEM/,
    ),
  );
});

Deno.test("readTls() names the key that is of another certificate", async () => {
  await using pair = await makeCertificate();
  await using other = await makeCertificate();

  await rejects(
    readTls({ certPath: pair.certPath, keyPath: other.keyPath }),
    names(/^TLS_KEY: .*key\.pem is not the key of the certificate in .*cert\.pem/),
  );
});
