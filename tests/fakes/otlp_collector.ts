/** A value as OTLP's JSON has it. */
interface OtlpValue {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values: readonly OtlpValue[] };
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}

/** A span as OTLP's JSON has it, as far as tests look. */
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly events: readonly {
    readonly name: string;
    readonly attributes: readonly OtlpAttribute[];
  }[];
  readonly status: { readonly code?: number };
}

/** A span, its times in ms since 1970. */
export interface CollectedSpan extends Pick<OtlpSpan, "traceId" | "spanId" | "name"> {
  /** Empty where it has no parent. */
  readonly parentSpanId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  readonly failed: boolean;
}

/** An OpenTelemetry collector on a port of this machine, for OTLP over HTTP in JSON. */
export interface OtlpCollector extends AsyncDisposable {
  /** Variables that make a server send everything here, soon. */
  readonly env: Readonly<Record<string, string>>;
  /** Spans of our own that have come, by start and then by end, the longest first; those that Deno makes of requests are left out. */
  spans(): readonly CollectedSpan[];
  /** All that has come, as it came. */
  raw(): string;
}

/** Starts one. */
export function startCollector(): OtlpCollector {
  const bodies: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      bodies.push(await request.text());
      return Response.json({});
    },
  );
  return {
    env: {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
      OTEL_BSP_SCHEDULE_DELAY: "100",
    },
    spans: () =>
      bodies
        .flatMap((body) => JSON.parse(body).resourceSpans ?? [])
        .flatMap(({ scopeSpans }) => scopeSpans)
        .filter(({ scope }) => scope.name === "chatai")
        .flatMap(({ spans }) => spans.map(collected))
        .toSorted((a, b) => a.startMs - b.startMs || b.endMs - a.endMs),
    raw: () => bodies.join("\n"),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function collected(span: OtlpSpan): CollectedSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    startMs: Number(span.startTimeUnixNano) / 1e6,
    endMs: Number(span.endTimeUnixNano) / 1e6,
    attributes: Object.fromEntries(span.attributes.map(({ key, value }) => [key, plain(value)])),
    events: span.events.map(({ name }) => name),
    failed: span.status.code === 2,
  };
}

function plain({ stringValue, intValue, doubleValue, arrayValue }: OtlpValue): unknown {
  return stringValue ?? (intValue === undefined ? undefined : Number(intValue)) ?? doubleValue ??
    arrayValue?.values.map(plain);
}
