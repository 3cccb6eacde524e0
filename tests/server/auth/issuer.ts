import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

/** ms since 1970 at which tokens of tests are judged. */
export const NOW = 1_800_000_000_000;

/** Claims of a good token; a claim of `undefined` is left out. */
export type Claims = Partial<JWTPayload>;

/** A token with these claims over good ones, signed with an HS256 secret. */
export function signWithSecret(secret: string | Uint8Array, claims: Claims = {}): Promise<string> {
  const key = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
  return new SignJWT(completed(claims)).setProtectedHeader({ alg: "HS256" }).sign(key);
}

/** A key pair that signs tokens. */
export interface SigningKey {
  /** The public half, as a key set shows it. */
  readonly jwk: JWK;
  /** A token with these claims over good ones. */
  sign(claims?: Claims): Promise<string>;
}

/** Makes a key pair. */
export async function makeSigningKey(kid: string, alg = "ES256"): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    jwk: { ...await exportJWK(publicKey), kid, alg, use: "sig" },
    sign: (claims = {}) =>
      new SignJWT(completed(claims)).setProtectedHeader({ alg, kid }).sign(privateKey),
  };
}

function completed(claims: Claims): JWTPayload {
  return JSON.parse(JSON.stringify({ sub: "ada", exp: NOW / 1000 + 60, ...claims }));
}

/** Somebody who issues tokens: serves a key set over HTTP. */
export interface Issuer extends AsyncDisposable {
  /** Of the key set. */
  readonly url: string;
  /** How often the key set was asked for. */
  readonly requests: number;
  /** Settles at the next request. */
  asked(): Promise<void>;
  /** Shows these keys from now on. */
  publish(...keys: readonly SigningKey[]): void;
  /** Answers so from now on; `"never"` leaves requests without an answer. */
  answer(response: (() => Response) | "never"): void;
}

/** Starts one on a port of its own. */
export function startIssuer(...keys: readonly SigningKey[]): Issuer {
  const over = Promise.withResolvers<Response>();
  let answer: () => Response | Promise<Response>;
  let requests = 0;
  let asked = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    requests++;
    asked.resolve();
    asked = Promise.withResolvers();
    return answer();
  });
  function publish(...keys: readonly SigningKey[]): void {
    answer = () => Response.json({ keys: keys.map(({ jwk }) => jwk) });
  }

  publish(...keys);
  return {
    url: `http://127.0.0.1:${server.addr.port}/jwks.json`,
    get requests() {
      return requests;
    },
    asked: () => asked.promise,
    publish,
    answer(response) {
      answer = response === "never" ? () => over.promise : response;
    },
    async [Symbol.asyncDispose]() {
      over.resolve(new Response());
      await server.shutdown();
    },
  };
}
