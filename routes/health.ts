// Whether the process answers, and whether it can work: for whatever watches over it.

import { compareMigrations } from "../db/migrate.ts";
import { factory } from "./context.ts";

/** The process answers. */
export const healthz = factory.createApp().get("/", (c) => c.text("ok\n"));

/**
 * The database is reached and migrated, and the queue answers; else 503 with what is missing. One that a newer version has
 * migrated is well: the nodes of this one serve until theirs have been replaced.
 */
export const readyz = factory.createApp().get("/", async (c) => {
  const { sql, queue } = c.var.services;
  const away = new Promise<never>((_, late) =>
    setTimeout(late, 3000, new Error("no answer in 3 s"))
  );
  const checks = [
    ["database", async () => (await compareMigrations(sql)).missing.length === 0 || "not migrated"],
    ["queue", async () => await queue.isUp() || "not installed"],
  ] as const;
  const results = await Promise.all(checks.map(async ([name, check]) => {
    try {
      const result = await Promise.race([check(), away]);
      return [name, result === true ? "ok" : result] as const;
    } catch {
      return [name, "cannot be reached"] as const;
    }
  }));
  away.catch(() => {});
  const ready = results.every(([, result]) => result === "ok");
  return c.text(
    results.map(([name, result]) => `${name}: ${result}\n`).join(""),
    ready ? 200 : 503,
  );
});
