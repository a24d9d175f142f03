// Requests are counted by what answered them, never by what was asked for.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Office, openOffice, signIn, Visitor } from "../office.ts";

describe("requests are counted", () => {
  let office: Office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office.close());

  async function counted(ask: () => Promise<Response>): Promise<string[]> {
    const before = await lines();
    const response = await ask();
    await response.body?.cancel();
    return (await lines()).filter((line) => !before.includes(line)).sort();
  }

  async function lines(): Promise<string[]> {
    const text = await office.services.metrics.text();
    return text.split("\n").filter((line) =>
      /^http_(requests_total|request_duration_seconds_count)/.test(line)
    );
  }

  it("by the pattern of the route, whoever is in the path", async () => {
    const visitor = await signIn(office);
    const [logon] = await office.services.sql<{ id: number }[]>`select id from logons limit 1`;
    const paths = [`/logons/${logon?.id}`, "/logons/999999"];
    for (const path of paths) {
      const [duration, count] = await counted(() => visitor.get(`${path}/edit?search=boateng`));
      assert.match(duration ?? "", /_count\{method="GET",route="\/logons\/:id[^"]*"\} [12]$/);
      assert.match(
        count ?? "",
        /_total\{method="GET",route="\/logons\/:id[^"]*",status="\d+"\} 1$/,
      );
    }
  });

  it("where a guard refuses, by the route that would have answered", async () => {
    const stranger = new Visitor(office);
    const found = await counted(() => stranger.get("/settings"));
    assert.ok(
      found.includes('http_requests_total{method="GET",route="/settings",status="303"} 1'),
      found.join(),
    );
  });

  it("together, where nothing answers: no path and no method makes a metric of its own", async () => {
    const stranger = new Visitor(office);
    for (const [at, path] of ["/.env", "/logons-of-boateng", "/x/y/z"].entries()) {
      const found = await counted(() => stranger.get(path));
      assert.ok(
        found.includes(`http_requests_total{method="GET",route="none",status="404"} ${at + 1}`),
        found.join(),
      );
    }
    for (const method of ["BREW", "WHEN"]) {
      const found = await counted(() => stranger.ask("/healthz", { method, headers: {} }));
      assert.ok(found.every((line) => line.includes('method="other"')), found.join());
      assert.equal(found.length, 2);
    }
  });
});
