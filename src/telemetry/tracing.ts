import {
  type Attributes,
  type Link,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { EngineError } from "@/errors.ts";

/** A span whose times are told, and not taken: it is drawn of facts, after they happened. Times are ms since 1970. */
export interface TimedSpan {
  /** Of its trace, 32 hex digits. */
  readonly traceId: string;
  /** Begins a span within this one. */
  child(name: string, options: TimedSpanOptions): TimedSpan;
  /** Adds attributes. */
  set(attributes: Attributes): void;
  /** Something happened at a moment. */
  event(name: string, at: number, attributes?: Attributes): void;
  /** Marks it as failed. Of an error only its kind is told: its message may hold what somebody said. */
  fail(error: unknown): void;
  /** Ends it; a second end does nothing. */
  end(at: number): void;
}

/** How a span begins. */
export interface TimedSpanOptions {
  readonly at: number;
  readonly attributes?: Attributes;
}

/** How a trace begins. */
export interface TraceOptions extends TimedSpanOptions {
  /** Set on all its spans. */
  readonly common: Attributes;
  /** Spans of other traces that belong to it. */
  readonly links?: readonly Link[];
}

/** Whether anybody takes spans: `OTEL_DENO=true`, which Deno reads when the process starts. */
export function isTracing(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) ||
    provider.getDelegate() !== new ProxyTracerProvider().getDelegate();
}

/** The spans that began what is running now, e.g. the request. */
export function activeLinks(): readonly Link[] {
  const context = trace.getActiveSpan()?.spanContext();
  return context === undefined ? [] : [{ context }];
}

/** Begins a trace of its own. */
export function beginTrace(
  name: string,
  { at, attributes, common, links = [] }: TraceOptions,
): TimedSpan {
  const tracer = trace.getTracer("chatai");
  const root = tracer.startSpan(
    name,
    { startTime: at, attributes: { ...common, ...attributes }, links: [...links] },
    ROOT_CONTEXT,
  );
  return timed(root);

  function timed(span: Span): TimedSpan {
    let ended = false;
    return {
      traceId: span.spanContext().traceId,
      child(name, { at, attributes }) {
        const options = { startTime: at, attributes: { ...common, ...attributes } };
        return timed(tracer.startSpan(name, options, trace.setSpan(ROOT_CONTEXT, span)));
      },
      set: (attributes) => void span.setAttributes(attributes),
      event: (name, at, attributes = {}) => void span.addEvent(name, attributes, at),
      fail(error) {
        span.setAttributes(failureAttributes(error));
        span.setStatus({ code: SpanStatusCode.ERROR });
      },
      end(at) {
        if (ended) return;
        ended = true;
        span.end(at);
      },
    };
  }
}

/** What may be known of an error outside. */
export function failureAttributes(error: unknown): Attributes {
  if (error instanceof EngineError) {
    return { "error.type": error.failure, "chatai.engine": error.engine };
  }
  return { "error.type": error instanceof Error ? error.name : "_OTHER" };
}
