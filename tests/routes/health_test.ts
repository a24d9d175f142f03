// What watches over the program is told: that it answers, and whether it can work.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { connect } from "../../db/connect.ts";
import { createApp } from "../../routes/mod.ts";
import { type Office, openOffice, ORIGIN, Visitor } from "../office.ts";

describe("health", () => {
  let office: Office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office.close());

  it("is well while the process answers", async () => {
    const response = await new Visitor(office).get("/healthz");
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "ok\n");
  });

  it("is ready while database and queue answer", async () => {
    const response = await new Visitor(office).get("/readyz");
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "database: ok\nqueue: ok\n");
  });

  it("is not ready for a database that lacks a step", async () => {
    const { sql } = office.services;
    await sql`delete from migrations where name = '0001_functions.sql'`;
    const older = await new Visitor(office).get("/readyz");
    assert.equal(older.status, 503);
    assert.match(await older.text(), /^database: not migrated\n/);
    await sql`insert into migrations (name) values ('0001_functions.sql')`;
  });

  it("stays ready beside a newer version that has migrated: its nodes are replaced one by one", async () => {
    const { sql } = office.services;
    await sql`insert into migrations (name) values ('9999_from_the_future.sql')`;
    assert.equal((await new Visitor(office).get("/readyz")).status, 200);
    await sql`delete from migrations where name = '9999_from_the_future.sql'`;
  });

  it("is well but not ready while the database is away, and says nothing of where it is", async () => {
    const away = connect({ url: "postgres://someone:secret@127.0.0.1:1/nothing", pool: 1 });
    const app = createApp({
      ...office.services,
      sql: away,
      queue: {
        ...office.services.queue,
        isUp: () => Promise.reject(new Error("connect ECONNREFUSED 127.0.0.1:1")),
      },
    });
    assert.equal((await app.request(`${ORIGIN}/healthz`)).status, 200);
    const response = await app.request(`${ORIGIN}/readyz`);
    assert.equal(response.status, 503);
    assert.equal(await response.text(), "database: cannot be reached\nqueue: cannot be reached\n");
    await away.end({ timeout: 1 });
  });

  it("gives an answer in time where the database gives none", async () => {
    const app = createApp({
      ...office.services,
      queue: { ...office.services.queue, isUp: () => new Promise<boolean>(() => {}) },
    });
    const response = await app.request(`${ORIGIN}/readyz`);
    assert.equal(response.status, 503);
    assert.equal(await response.text(), "database: ok\nqueue: cannot be reached\n");
  });
});
