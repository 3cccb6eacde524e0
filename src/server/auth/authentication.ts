import type { AuthConfig } from "@/config.ts";
import type { Caller, HandshakePolicy } from "@/realtime/handshake.ts";
import { createKeyring } from "@/server/auth/api_keys.ts";
import { refuseCaller, type Verdict } from "@/server/auth/refuse_caller.ts";
import { createTokenJudge, isToken, type TokensOptions } from "@/server/auth/tokens.ts";
import { type ClientSecrets, isClientSecret } from "@/server/client_secrets.ts";

/** Who may do what. */
export interface Authentication {
  /** Who may call over HTTP: whoever has a key of the operator's, or a token. */
  readonly authorise: HandshakePolicy["identify"];
  /** Who may talk: the same, and whoever was given a client secret. */
  readonly identify: HandshakePolicy["identify"];
}

/** What callers are checked against. */
export interface AuthenticationOptions extends TokensOptions {
  readonly auth: AuthConfig | "none";
  readonly secrets: Pick<ClientSecrets, "find">;
}

/** Whose everything is where nobody is asked for a key. */
const ANONYMOUS = "anonymous";

/**
 * Makes the check of callers: keys, tokens and client secrets side by side. Without authentication everybody is
 * `"anonymous"`. A credential is checked when a request or a connection comes: one that expires later ends
 * nothing that runs, but opens and resumes nothing any more. A client secret that was made while everybody was let
 * in ends with that.
 */
export function createAuthentication(
  { auth, secrets, ...options }: AuthenticationOptions,
): Authentication {
  const judge = auth === "none" ? judgeNobody : createJudge(auth, options);

  async function authorise(credential: string | undefined): Promise<Caller | Response> {
    if (isClientSecret(credential)) return refuseCaller("secret_misplaced");
    const verdict = await judge(credential);
    return "failure" in verdict ? refuseCaller(verdict.failure) : verdict;
  }

  return {
    authorise,
    async identify(credential) {
      if (!isClientSecret(credential)) return await authorise(credential);
      const maker = await secrets.find(credential);
      return maker === undefined || (maker.subject === ANONYMOUS && auth !== "none")
        ? refuseCaller("secret_unknown")
        : maker;
    },
  };
}

type Judge = (credential: string | undefined) => Promise<Verdict>;

const judgeNobody: Judge = () => Promise.resolve({ subject: ANONYMOUS });

function createJudge({ keyDigests, tokens }: AuthConfig, options: TokensOptions): Judge {
  const findKey = createKeyring(keyDigests);
  const judgeToken = tokens && createTokenJudge(tokens, options);
  return async (credential) => {
    if (credential === undefined) return { failure: "no_credentials" };
    const subject = findKey(credential);
    if (subject !== undefined) return { subject };
    return judgeToken !== undefined && isToken(credential)
      ? await judgeToken(credential)
      : { failure: "key_unknown" };
  };
}
