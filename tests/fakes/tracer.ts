import {
  type Attributes,
  type Context,
  type Span,
  type SpanOptions,
  trace,
  type TracerProvider,
} from "@opentelemetry/api";

/** A span as it was drawn. */
export interface DrawnSpan {
  readonly name: string;
  readonly parent: string | undefined;
  readonly startMs: number;
  /** Absent while it runs. */
  endMs?: number;
  readonly attributes: Record<string, unknown>;
  readonly events: string[];
  failed: boolean;
}

/** Takes the spans of this process until it is disposed of. */
export interface RecordingTracer extends Disposable {
  /** In the order in which they began. */
  readonly spans: readonly DrawnSpan[];
}

/** Starts to take spans. */
export function recordSpans(): RecordingTracer {
  const spans: DrawnSpan[] = [];
  const drawnOf = new WeakMap<Span, DrawnSpan>();

  function startSpan(
    name: string,
    { startTime, attributes }: SpanOptions = {},
    context: Context,
  ): Span {
    const parent = trace.getSpan(context);
    const drawn: DrawnSpan = {
      name,
      parent: parent && drawnOf.get(parent)?.name,
      startMs: Number(startTime),
      attributes: { ...attributes },
      events: [],
      failed: false,
    };
    spans.push(drawn);
    const span = {
      spanContext: () => ({ traceId: "0123456789abcdef0123456789abcdef" }),
      setAttributes: (more: Attributes) => Object.assign(drawn.attributes, more),
      addEvent: (event: string) => drawn.events.push(event),
      setStatus: () => drawn.failed = true,
      end: (at: number) => drawn.endMs = at,
    } as unknown as Span;
    drawnOf.set(span, drawn);
    return span;
  }

  const provider = { getTracer: () => ({ startSpan }) } as unknown as TracerProvider;
  trace.setGlobalTracerProvider(provider);
  return { spans, [Symbol.dispose]: () => trace.disable() };
}
