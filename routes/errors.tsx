// Refusals and bugs become answers here, and nowhere else: a page for a page, a toast for a piece.

import { connectionIsGone } from "../db/connect.ts";
import { type ErrorKind, ErrorPage, ErrorToast } from "../views/errors.tsx";
import { asToast } from "../views/swap.tsx";
import { type Ctx, page, themeOf, wantsPiece, withHeaders } from "./context.ts";

/** An expected refusal; guards and lookups throw it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  constructor(readonly kind: ErrorKind) {
    super(kind);
  }
}

const STATUS = {
  "not found": 404,
  "not allowed": 403,
  "foreign origin": 403,
  "too large": 413,
  "database away": 503,
  "broken": 500,
} as const satisfies Record<ErrorKind, number>;

/** Throws 404: not there, or not yours. */
export function notFound(): never {
  throw new Refusal("not found");
}

/** The answer to whatever a handler threw. */
export async function answerError(error: Error, c: Ctx): Promise<Response> {
  const kind = error instanceof Refusal
    ? error.kind
    : connectionIsGone(error)
    ? "database away"
    : "broken";
  const { requestId, services } = c.var;
  if (kind === "broken" || kind === "database away") {
    services.log[kind === "broken" ? "error" : "warn"]("request failed", {
      request: requestId,
      method: c.req.method,
      path: c.req.path,
      error,
    });
  }
  const home = c.req.path.startsWith("/portal") ? "/portal" : "/logons";
  const response = wantsPiece(c)
    ? await page(c, <ErrorToast kind={kind} requestId={requestId} />, STATUS[kind])
    : await page(
      c,
      <ErrorPage
        kind={kind}
        schoolName={services.config.schoolName}
        theme={themeOf(c)}
        requestId={requestId}
        home={home}
      />,
      STATUS[kind],
    );
  if (wantsPiece(c)) withHeaders(response, asToast());
  if (kind === "database away") response.headers.set("retry-after", "10");
  return response;
}
