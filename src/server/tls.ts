import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Config } from "@/config.ts";
import { ConfigError, type ConfigProblem } from "@/errors.ts";

/** What https takes, in PEM. */
export interface TlsCredentials {
  /** The server's certificate, then those that vouch for it. */
  readonly cert: string;
  /** Private key of the first certificate. */
  readonly key: string;
}

/**
 * Reads the certificate and its key.
 *
 * @throws {ConfigError} If one of them cannot be read or is no PEM, or they do not belong together.
 */
export async function readTls(
  { certPath, keyPath }: NonNullable<Config["tls"]>,
): Promise<TlsCredentials> {
  const [cert, key] = await Promise.all([
    read("TLS_CERT", certPath, (pem) => new X509Certificate(pem)),
    read("TLS_KEY", keyPath, createPrivateKey),
  ]);
  const problems = [cert, key].flatMap(({ problem }) => problem ?? []);
  if (cert.value === undefined || key.value === undefined) throw new ConfigError(problems);
  if (!cert.value.checkPrivateKey(key.value)) {
    const message = `${keyPath} is not the key of the certificate in ${certPath}.`;
    throw new ConfigError([{ variable: "TLS_KEY", message }]);
  }
  return { cert: cert.pem, key: key.pem };
}

/** A file, and what is in it or wrong with it. */
interface PemFile<T> {
  readonly pem: string;
  readonly value?: T;
  readonly problem?: ConfigProblem;
}

const CONTENTS = {
  TLS_CERT: "a certificate in PEM",
  TLS_KEY: "a private key in PEM without a passphrase",
};

async function read<T>(
  variable: keyof typeof CONTENTS,
  path: string,
  parse: (pem: string) => T,
): Promise<PemFile<T>> {
  let pem = "";
  try {
    pem = await Deno.readTextFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { pem, problem: { variable, message: `cannot read ${path}: ${reason}.` } };
  }
  try {
    return { pem, value: parse(pem) };
  } catch {
    return { pem, problem: { variable, message: `${path} does not hold ${CONTENTS[variable]}.` } };
  }
}
