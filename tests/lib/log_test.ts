// The log: one line of JSON for each event, by level, and never a secret.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Log, LOG_LEVELS, type LogLevel, openLog } from "../../lib/log.ts";

function collect(level: LogLevel = "debug"): { log: Log; lines: string[] } {
  const lines: string[] = [];
  return { log: openLog(level, (line) => lines.push(line)), lines };
}

function last(lines: readonly string[]): Record<string, unknown> {
  return JSON.parse(lines.at(-1) ?? "null");
}

describe("the log", () => {
  it("writes time, level, event and fields as one line", () => {
    const { log, lines } = collect();
    log.info("task done", { task: 7, kind: "excel import" });
    const { at, ...rest } = last(lines);
    assert.deepEqual(rest, { level: "info", event: "task done", task: 7, kind: "excel import" });
    assert.match(String(at), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.doesNotMatch(lines[0] ?? "", /\n/);
  });

  it("writes its level and those after it", () => {
    for (const [at, level] of LOG_LEVELS.entries()) {
      const { log, lines } = collect(level);
      log.debug("a");
      log.info("b");
      log.warn("c");
      log.error("d");
      assert.equal(lines.length, 4 - at, level);
    }
  });

  it("carries the fields it was given, and gives its parent none", () => {
    const { log, lines } = collect();
    log.with({ request: "r1" }).with({ task: 2 }).warn("x", { more: true });
    assert.equal(last(lines)["request"], "r1");
    assert.equal(last(lines)["task"], 2);
    log.warn("y");
    assert.equal(last(lines)["request"], undefined);
  });

  it("does not write what sounds like a secret, however deep it lies", () => {
    const { log, lines } = collect();
    const secret = "velvet anchor thistle";
    const names = [
      "password",
      "Password",
      "newPassword",
      "passphrase",
      "secret",
      "secretKey",
      "token",
      "sessionToken",
      "cookie",
      "set-cookie",
      "authorization",
      "Authorization",
      "password_hash",
      "apiKey",
      "recoveryCode",
      "totp",
    ];
    for (const name of names) {
      log.info("x", { [name]: secret, deep: [{ [name]: secret }] });
      assert.doesNotMatch(lines.at(-1) ?? "", new RegExp(secret), name);
    }
    log.with({ password: secret }).info("x");
    assert.doesNotMatch(lines.at(-1) ?? "", new RegExp(secret));
  });

  it("writes what only looks a little like one", () => {
    const { log, lines } = collect();
    log.info("x", {
      path: "/logons",
      status: 200,
      keyword: "k",
      postcode: "AB1",
      task: 3,
      code: 7,
    });
    const { path, status, keyword, task, code } = last(lines);
    assert.deepEqual({ path, status, keyword, task, code }, {
      path: "/logons",
      status: 200,
      keyword: "k",
      task: 3,
      code: 7,
    });
  });

  it("writes an error with its name, message, code, stack, and what caused it", () => {
    const { log, lines } = collect();
    const error = Object.assign(new RangeError("too far", { cause: new Error("the reason") }), {
      code: "EFAR",
    });
    log.error("failed", { error });
    const written = lines.at(-1) ?? "";
    for (const part of ["RangeError", "too far", "EFAR", "log_test.ts", "the reason"]) {
      assert.ok(written.includes(part), part);
    }
  });

  it("never fails itself: cycles, big numbers, what is not JSON", () => {
    const { log, lines } = collect();
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    log.info("x", { big: 12345678901234567890n, cycle, none: undefined, run: () => 1 });
    assert.match(lines.at(-1) ?? "", /12345678901234567890/);
    log.info("a\nb", { text: "line\nbreak\u2028\u001b[31m" });
    for (const raw of ["\n", "\u001b"]) assert.ok(!lines.at(-1)?.includes(raw));
  });
});
