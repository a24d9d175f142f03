// Spans of what is no request, for Deno's own OpenTelemetry; without OTEL_DENO they cost next to nothing.

import { type Attributes, type Span, SpanStatusCode, trace } from "@opentelemetry/api";

/**
 * Does work within a span of its own. What it throws marks the span as broken, without the words: they may name somebody.
 * @param name no more than a few different ones: nothing of what the work is about
 */
export async function inSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return await trace.getTracer("parent-logons").startActiveSpan(
    name,
    { attributes },
    async (span) => {
      try {
        return await work(span);
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
  );
}
