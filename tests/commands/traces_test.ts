// Traces by Deno's own OpenTelemetry: spans are named by the route or the kind of a task, and hold nothing secret beside the three attributes that Deno writes.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { seedCast } from "../../db/seeds.ts";
import { openHasher } from "../../lib/passwords.ts";
import { Client, eventually } from "../browserless.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { type Running, startProgram } from "../program.ts";

/** What the collector is told to take away: docs/operating.md. */
const ADDRESSES = ["url.full", "url.path", "url.query"];

type Attribute = { readonly key: string; readonly value: { readonly stringValue?: string } };
type Span = { readonly name: string; readonly kind: number; readonly attributes: Attribute[] };
/** A span of a request that was answered (OTLP: SPAN_KIND_SERVER). */
const SERVER = 2;

describe("traces", () => {
  let database: TestDatabase;
  let collector: Deno.HttpServer<Deno.NetAddr>;
  const spans: Span[] = [];
  before(async () => {
    database = await openTestDatabase();
    const { hash } = openHasher();
    await seedCast(database.sql, { at: new Date(), hash: (password) => hash(password, 4) });
    collector = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        const sent = await request.json();
        for (const resource of sent.resourceSpans ?? []) {
          for (const scope of resource.scopeSpans) spans.push(...scope.spans);
        }
        return Response.json({});
      },
    );
  });
  after(async () => {
    await collector.shutdown();
    await database.close();
  });

  /** A program that sends its spans here, and somebody who is signed in. */
  async function startTraced(command: string): Promise<{ program: Running; client: Client }> {
    const program = await startProgram([command], {
      DATABASE_URL: database.url,
      SECRET_KEY: new Uint8Array(32).fill(3).toBase64(),
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
    });
    const client = new Client();
    await client.signIn(program.url);
    return { program, client };
  }

  it("name each request by its route and its number", async () => {
    const { program, client } = await startTraced("web");
    const asked = [
      "/logons?q=whom-they-seek",
      "/logons/1/edit",
      "/portal/new-password?link=a-secret-link",
      "/nowhere",
    ];
    const numbers: string[] = [];
    for (const path of asked) {
      const response = await client.ask(program.url + path);
      await response.body?.cancel();
      numbers.push(response.headers.get("x-request-id") ?? "");
    }
    assert.equal(await program.stop(), 0);
    assert.match(program.output(), /"level":"warn","event":"traces hold whole addresses/);
    const requests = spans.filter(({ kind }) => kind === SERVER);
    const valueOf = (span: Span, key: string): string | undefined =>
      span.attributes.find((one) => one.key === key)?.value.stringValue;
    const named = numbers.map((number) =>
      requests.find((span) => valueOf(span, "request") === number)
    );
    assert.deepEqual(named.map((span) => span?.name), [
      "GET /logons",
      "GET /logons/:id/edit",
      "GET /portal/new-password",
      "GET none",
    ]);
    assert.deepEqual(
      named.map((span) => span && valueOf(span, "http.route")),
      ["/logons", "/logons/:id/edit", "/portal/new-password", "none"],
    );
  });

  it("name each run of a task by its kind, with the number of the request that asked for it", async () => {
    const { program, client } = await startTraced("serve");
    const csv = "First name,Surname,Email\nWhom,Nobody,whom-they-import@example.org\n";
    await client.upload(program.url, "parents.csv", csv);
    const { sql } = database;
    const [task] = await eventually(
      () =>
        sql<{ id: number; request: string }[]>`
          select id, request_id as request from tasks where state in ('needs review', 'done', 'failed')`,
      (rows) => rows.length === 1,
    );
    assert.equal(await program.stop(), 0);
    const span = spans.find(({ name }) => name === "job excel import");
    assert.deepEqual(
      span?.attributes.map(({ key, value }) => [key, value.stringValue]),
      [["task", String(task?.id)], ["request", task?.request]],
    );
  });

  it("hold what was searched for and the link's secret where the collector takes it away, and nowhere else", () => {
    const bare = spans.map((span) => ({
      ...span,
      attributes: span.attributes.filter(({ key }) => !ADDRESSES.includes(key)),
    }));
    assert.match(JSON.stringify(spans), /a-secret-link/);
    assert.doesNotMatch(
      JSON.stringify(bare),
      /a-secret-link|whom-they-seek|whom-they-import|demo-office/,
    );
  });
});
