import { join } from "node:path";

/** A certificate that nobody vouches for, of `localhost` and `127.0.0.1`, and its key: made anew for a test. */
export interface TestCertificate extends AsyncDisposable {
  readonly certPath: string;
  readonly keyPath: string;
  /** PEM, for a client that is to trust it. */
  readonly cert: string;
  readonly key: string;
}

/**
 * Makes one with `openssl`, in a folder that goes when it is disposed of.
 *
 * @param curve Of its key.
 */
export async function makeCertificate(curve = "prime256v1"): Promise<TestCertificate> {
  const folder = await Deno.makeTempDir({ prefix: "certificate_" });
  const certPath = join(folder, "cert.pem");
  const keyPath = join(folder, "key.pem");
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", `ec_paramgen_curve:${curve}`, "-nodes"],
      ...["-keyout", keyPath, "-out", certPath, "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ],
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return {
    certPath,
    keyPath,
    cert: await Deno.readTextFile(certPath),
    key: await Deno.readTextFile(keyPath),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
