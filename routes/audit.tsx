// The audit, for Administrators to read.

import { type AuditView, listAudit, listAuditChoices } from "../db/audit.ts";
import { storable } from "../db/storable.ts";
import { AuditPage } from "../views/audit.tsx";
import { factory, page, readId, timesOf } from "./context.ts";
import { frameOf } from "./frame.tsx";

const LONGEST = 100;

export const audit = factory.createApp()
  .get("/", async (c) => {
    const { sql } = c.var.services;
    const view = readView(new URL(c.req.url).searchParams);
    const [{ rows, next }, choices, frame] = await Promise.all([
      listAudit(sql, view),
      listAuditChoices(sql),
      frameOf(c),
    ]);
    return await page(
      c,
      <AuditPage
        frame={frame}
        view={view}
        rows={rows}
        next={next}
        choices={choices}
        times={timesOf(c)}
      />,
    );
  });

function readView(query: URLSearchParams): AuditView {
  const text = (name: string): string | null => {
    const value = storable(query.get(name) ?? "").slice(0, LONGEST);
    return value === "" ? null : value;
  };
  const id = (name: string): number | null => readId(query.get(name) ?? undefined);
  return {
    who: query.get("who") === "others" ? "others" : id("who"),
    what: text("what"),
    subject: text("subject"),
    subjectId: id("id"),
    after: id("after"),
  };
}
