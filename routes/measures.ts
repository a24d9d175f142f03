// How many requests there were and how long each took, by the pattern of its route: never by its path, which may name somebody.

import { trace } from "@opentelemetry/api";
import { matchedRoutes, routePath } from "hono/route";
import type { Metrics } from "../lib/metrics.ts";
import type { Ctx } from "./context.ts";

/** Every other word that somebody sends as a method counts as one, so that nobody can make metrics without end. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/** Seconds: from a piece that nobody waits for to what the proxy gives up on. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** What the middleware that sees every request is registered under. */
const EVERYTHING = "/*";

/** Gives what counts an answered request. Its duration ends with the head of the answer: a file may still be on its way. */
export function measureRequests(metrics: Metrics): (c: Ctx, seconds: number) => void {
  const requests = metrics.counter("http_requests_total", "Requests answered");
  const durations = metrics.histogram(
    "http_request_duration_seconds",
    "Time until the head of the answer",
    BOUNDS,
  );
  return (c, seconds) => {
    const method = METHODS.includes(c.req.method) ? c.req.method : "other";
    const route = routeOf(c);
    nameSpan(c, method, route);
    requests.add({ method, route, status: c.res.status });
    durations.observe(seconds, { method, route });
  };
}

/**
 * Gives the span that Deno made of this request, if traces are exported, the route's name and the request's number. Its address
 * stays in the attributes that Deno writes before anybody can: docs/operating.md says how to take those away.
 */
function nameSpan(c: Ctx, method: string, route: string): void {
  const span = trace.getActiveSpan();
  span?.updateName(`${method} ${route}`);
  span?.setAttributes({ "http.route": route, request: c.var.requestId });
}

/** The pattern of what answered, as /logons/:id; of what would have, where a guard refused; `none` where nothing would. */
function routeOf(c: Ctx): string {
  const answered = routePath(c);
  if (answered !== EVERYTHING) return answered;
  return matchedRoutes(c).find(({ path }) => path !== EVERYTHING)?.path ?? "none";
}
