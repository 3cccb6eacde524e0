import type { Config } from "@/config.ts";
import type { Engines } from "@/conversation/context.ts";
import type { SessionStore } from "@/conversation/session_store.ts";
import type { ClientSecrets } from "@/server/client_secrets.ts";
import { clientSecretsRoutes } from "@/server/client_secrets_routes.ts";
import { speechRoute } from "@/server/audio/speech_route.ts";
import { transcriptionsRoute } from "@/server/audio/transcriptions_route.ts";
import { metricsRoutes } from "@/server/metrics_routes.ts";
import { modelsRoutes } from "@/server/models_routes.ts";
import type { CallerLimits } from "@/server/limits/limits.ts";
import type { Route } from "@/server/route.ts";
import { sessionDefaults } from "@/server/session_defaults.ts";
import { sessionsRoutes } from "@/server/sessions_routes.ts";

/** What the routes lead to. */
export interface RoutesOptions {
  readonly config: Config;
  /** Resolves before the server is ready. */
  readonly engines: Promise<Engines>;
  readonly limits: CallerLimits;
  readonly secrets: ClientSecrets;
  readonly store: SessionStore;
  /** Aborts when the server ends. */
  readonly stopping: AbortSignal;
}

/** All that is asked over HTTP, but the page, conversations, and whether the server lives and is ready. */
export function createRoutes(
  { config, engines, limits, secrets, store, stopping }: RoutesOptions,
): readonly Route[] {
  return [
    ...modelsRoutes(config),
    ...clientSecretsRoutes({
      secrets,
      defaults: async () => sessionDefaults(config, await engines),
      maxMinutes: config.maxSessionMinutes,
    }),
    ...sessionsRoutes(store),
    transcriptionsRoute({ ...limits, engines, stopping, language: config.language }),
    speechRoute({ engines, stopping, language: config.language }),
    ...metricsRoutes(),
  ];
}
