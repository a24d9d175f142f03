// Feeds over HTTP: the page, Upload a file, Help and its templates, the review, and whose alert a nightly feed is.

/// <reference lib="dom" />

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { feeds } from "../../jobs/feeds.ts";
import { runJob } from "../../jobs/queue.ts";
import { FAMILY, oneRoster, read, start } from "../feeds.ts";
import {
  documentOf,
  type Office,
  openOffice,
  ORIGIN,
  PIECE,
  signIn,
  type Visitor,
} from "../office.ts";

describe("feeds over HTTP", () => {
  let office: Office;
  let admin: Visitor;
  before(async () => {
    office = await openOffice();
    admin = await signIn(office);
  });
  after(() => office.close());

  async function upload(
    file: { readonly name: string; readonly bytes: Uint8Array } | null,
    headers: Record<string, string> = {},
    visitor = admin,
  ): Promise<Response> {
    const body = new FormData();
    if (file) body.set("file", new File([new Uint8Array(file.bytes)], file.name));
    return await visitor.ask("/feeds", {
      method: "POST",
      body,
      headers: { origin: ORIGIN, ...headers },
    });
  }

  async function uploaded(name = "roster.zip", bytes = oneRoster(FAMILY)): Promise<number> {
    const response = await upload({ name, bytes });
    assert.equal(response.status, 303);
    const id = Number(response.headers.get("location")?.split("/").at(-1));
    await runJob(office.services, feeds, id, new AbortController().signal, true);
    return id;
  }

  it("show an empty page, and a way to the first file", async () => {
    const page = await documentOf(await admin.get("/feeds"));
    assert.equal(page.querySelector("h1")?.textContent, "Feeds");
    assert.match(page.querySelector(".empty")?.textContent ?? "", /No feed yet/);
    assert.equal(page.querySelector("nav#modules a[aria-current=page]")?.textContent, "Feeds");
    assert.match(page.querySelector("main")?.textContent ?? "", /FEED_FOLDER/);
    const office_ = await documentOf(await (await signIn(office, "frontdesk")).get("/feeds"));
    assert.doesNotMatch(office_.querySelector("main")?.textContent ?? "", /FEED_FOLDER/);
  });

  it("take a file, show what it would change with file and line, and write it when it is approved", async () => {
    const bytes = oneRoster([...FAMILY, {
      id: "x",
      role: "student",
      first: "",
      last: "<b>Bold</b>",
    }]);
    const id = await uploaded("Hillcrest & co.zip", bytes);
    const page = await documentOf(await admin.get(`/feeds/${id}`));
    const text = page.querySelector("#import")?.textContent ?? "";
    assert.match(
      text,
      /It would add 3 learners, 2 contacts and 3 relationships\. 1 record has an error/,
    );
    assert.match(text, /OneRoster 1\.2, everything, complete: 3 learners/);
    const row = page.querySelector("#import tbody tr");
    assert.match(
      row?.textContent ?? "",
      /<b>Bold<\/b>.*users\.csv, line 7.*Will be left out\..*There is no first name\./s,
    );
    const created = await documentOf(await admin.get(`/feeds/${id}?class=create`));
    assert.equal(created.querySelectorAll("#import tbody tr").length, 8);
    assert.match(
      created.querySelector("#import tbody")?.textContent ?? "",
      /Parental Responsibility|Relationship “Parent”/,
    );
    const before = await office.services.sql`select from learners`;
    assert.equal((await admin.post(`/feeds/${id}/approval`)).status, 303);
    assert.equal((await admin.post(`/feeds/${id}/approval`)).status, 303);
    await runJob(office.services, feeds, id, new AbortController().signal, true);
    assert.equal((await office.services.sql`select from learners`).length, before.length + 3);
    const done = await documentOf(await admin.get(`/feeds/${id}`));
    assert.match(
      done.querySelector("#import")?.textContent ?? "",
      /Done: 3 learners, 2 contacts and 3 relationships added\. 1 record left out\./,
    );
    const list = await documentOf(await admin.get("/feeds"));
    assert.match(
      list.querySelector("table")?.textContent ?? "",
      /Hillcrest & co\.zip.*Olwen Hughes/s,
    );
    assert.match(
      list.querySelector(".notice")?.textContent ?? "",
      /not known whether there is Parental Responsibility/,
    );
  });

  it("are undone on demand, once, with the own password if it was typed long ago", async () => {
    const bytes = oneRoster([{
      id: "u-1",
      role: "student",
      first: "Una",
      last: "Undone",
      identifier: "U1",
    }], {
      mode: "delta",
    });
    const id = await uploaded("undo.zip", bytes);
    await admin.post(`/feeds/${id}/approval`);
    await runJob(office.services, feeds, id, new AbortController().signal, true);
    const there = async (): Promise<number> =>
      (await office.services.sql`select from learners where surname = 'Undone'`).length;
    assert.equal(await there(), 1);
    office.clock.move(11);
    const asked = await admin.post(`/feeds/${id}/undoing`);
    assert.equal(asked.status, 422);
    assert.match(await asked.text(), /Enter your own password/);
    await admin.post(`/feeds/${id}/undoing`, { own_password: "demo-office-2026" });
    await admin.post(`/feeds/${id}/undoing`);
    await runJob(office.services, feeds, id, new AbortController().signal, true);
    assert.equal(await there(), 0);
    const page = await documentOf(await admin.get(`/feeds/${id}`));
    assert.match(page.querySelector("#import")?.textContent ?? "", /Undone: 1 learner\./);
    assert.equal(page.querySelector("form[action$=undoing]"), null);
    assert.equal((await office.services.sql`select from audit where what = 'undo feed'`).length, 1);
  });

  it("show the page and its piece with the same component", async () => {
    const id = await uploaded("again.zip");
    const page = await documentOf(await admin.get(`/feeds/${id}`));
    const piece = await documentOf(await admin.piece(`/feeds/${id}`));
    assert.equal(
      piece.querySelector("#import")?.outerHTML,
      page.querySelector("#import")?.outerHTML,
    );
    assert.equal(piece.querySelector("nav#modules"), null);
  });

  it("refuse no file, another kind of file, an empty and a huge one, in the same window", async () => {
    const cases: [{ name: string; bytes: Uint8Array } | null, RegExp][] = [
      [null, /Choose a file first/],
      [
        { name: "letter.docx", bytes: new Uint8Array(3) },
        /letter\.docx is not a file that can be read here/,
      ],
      [{ name: "list.csv", bytes: new Uint8Array() }, /list\.csv is empty/],
      [{ name: "big.zip", bytes: new Uint8Array(31 * 1024 * 1024) }, /larger than 30 MB/],
    ];
    for (const [file, sentence] of cases) {
      for (const headers of [{}, PIECE]) {
        const response = await upload(file, headers);
        assert.equal(response.status, 422);
        const window = await documentOf(response);
        assert.match(window.querySelector(".field.wrong .problem")?.textContent ?? "", sentence);
      }
    }
  });

  it("answer a good file with the alert, or with its page where there is no script", async () => {
    const response = await upload({ name: "x.zip", bytes: oneRoster(FAMILY) }, PIECE);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("hx-reswap"), "none");
    assert.match(await response.text(), /x\.zip is being read/);
  });

  it("have Help with both lists, and templates that can be fed in", async () => {
    const help = await documentOf(await admin.get("/feeds/help"));
    const text = help.querySelector("#dialog-body")?.textContent ?? "";
    for (
      const word of [
        "List of learners",
        "List of contacts",
        "OneRoster",
        "School Data Sync",
        "Common Transfer File",
        "Contact ID",
        "Date of birth",
      ]
    ) {
      assert.ok(text.includes(word), word);
    }
    for (
      const [name, kind] of [["learners", "Learners sheet"], [
        "contacts",
        "Contacts sheet",
      ]] as const
    ) {
      const response = await admin.get(`/feeds/templates/${name}.xlsx`);
      assert.match(response.headers.get("content-disposition") ?? "", /attachment/);
      assert.equal(read(new Uint8Array(await response.arrayBuffer()), `${name}.xlsx`).kind, kind);
    }
  });

  it("are looked at by a viewer, who sends and approves nothing", async () => {
    const id = await uploaded("seen.zip");
    const viewer = await signIn(office, "viewer");
    const page = await documentOf(await viewer.get(`/feeds/${id}`));
    assert.equal(page.querySelector("form[action$=approval]"), null);
    assert.equal((await viewer.post(`/feeds/${id}/approval`)).status, 403);
    assert.equal(
      (await upload({ name: "x.zip", bytes: oneRoster(FAMILY) }, {}, viewer)).status,
      403,
    );
  });

  it("know no other task, no other id and no other method", async () => {
    const { sql } = office.services;
    const [other] = await sql<{ id: number }[]>`
      insert into tasks (kind, title) values ('excel import', 'Other') returning id`;
    for (const id of [other?.id, 999_999, "x", "0", "1e3", "%00"]) {
      assert.equal((await admin.get(`/feeds/${id}`)).status, 404, String(id));
    }
    assert.equal(
      (await admin.ask("/feeds", { method: "DELETE", headers: { origin: ORIGIN } })).status,
      404,
    );
    const id = await uploaded("odd.zip");
    for (
      const query of [
        "class=nonsense",
        "class=unchanged",
        "after=-1",
        "after=99999",
        "class=%00&after=%ff",
      ]
    ) {
      assert.equal((await admin.get(`/feeds/${id}?${query}`)).status, 200, query);
    }
  });

  it("of the night stand in the alerts of every Administrator, and of nobody else", async () => {
    const { sql } = office.services;
    const id = await start(sql, oneRoster(FAMILY), { name: "nightly.zip" });
    await runJob(office.services, feeds, id, new AbortController().signal, true);
    const alertsOf = async (visitor: Visitor): Promise<string> => {
      const page = await documentOf(await visitor.get("/feeds"));
      return page.querySelector("#task-alerts")?.textContent ?? "";
    };
    const desk = await signIn(office, "frontdesk");
    assert.match(await alertsOf(admin), /Feed nightly\.zip/);
    assert.doesNotMatch(await alertsOf(desk), /nightly\.zip/);
    assert.match(await (await desk.get("/tasks")).text(), /Feed nightly\.zip/);
    await desk.post(`/task-alerts/${id}/dismissal`);
    assert.match(await alertsOf(admin), /Feed nightly\.zip/);
    await admin.post(`/task-alerts/${id}/dismissal`);
    assert.doesNotMatch(await alertsOf(admin), /nightly\.zip/);
  });
});
