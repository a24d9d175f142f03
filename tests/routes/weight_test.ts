// What a page weighs on its way: a full list by a slow line, and the one script that is ours.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Office, openOffice, signIn } from "../office.ts";

describe("the weight", () => {
  let office: Office;
  before(async () => {
    office = await openOffice();
    // Names of more letters than a school's have, no two alike, each with two learners.
    await office.services.sql`
      with l as (
        insert into logons (first_name, surname, email, username)
        select 'Wilhelmina ' || md5('f' || n::text), 'Featherstonehaugh ' || md5('s' || n::text),
               md5(n::text) || '@example.org', md5(n::text) || '@example.org'
          from generate_series(1, 120) as n returning id)
      insert into logon_learners (logon_id, learner_id)
      select l.id, k.id from l, (select id from learners order by id limit 2) as k`;
  });
  after(() => office.close());

  it("of a list of 50 logons is below 60 kB, compressed", async () => {
    const admin = await signIn(office);
    const response = await admin.get("/logons", { "accept-encoding": "gzip" });
    assert.equal(response.headers.get("content-encoding"), "gzip");
    const bytes = (await response.arrayBuffer()).byteLength;
    const rows = (await (await admin.get("/logons")).text()).split("Featherstonehaugh").length - 1;
    assert.ok(rows >= 30, `${rows} rows of these`);
    assert.ok(bytes < 60_000, `${bytes} bytes`);
  });

  it("of app.js is below 8 kB, as it is written", async () => {
    const { size } = await Deno.stat(new URL("../../static/js/app.js", import.meta.url));
    assert.ok(size < 8000, `${size} bytes`);
  });
});
