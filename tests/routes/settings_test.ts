// Settings over HTTP: what an administrator sees, stores and is told.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { findSettings } from "../../db/settings.ts";
import { documentOf, type Office, openOffice, signIn, type Visitor } from "../office.ts";

const RIGHT = {
  portal: "open",
  portal_message: "Back on Monday.",
  office_phone: "01632 960123, weekdays 8 to 4",
  shortest_password: "15",
  temporary_password_days: "3",
  mail_opening: "Croeso i Hillcrest!",
  mail_closing: "",
  letter_days: "7",
  remember_device_days: "0",
  leaver_days: "0",
  idle_minutes: "5",
  session_hours: "24",
  feed_errors: "25",
  admin_tfa: "optional",
  restore_days: "365",
  file_days: "60",
  sign_in_months: "12",
  ledger_months: "12",
  audit_years: "7",
};

describe("the settings", () => {
  let office: Office;
  let admin: Visitor;
  before(async () => {
    office = await openOffice();
    admin = await signIn(office);
  });
  after(() => office.close());

  async function stored(): Promise<unknown> {
    return await findSettings(office.services.sql);
  }

  it("show every setting with its default", async () => {
    const page = await documentOf(await admin.get("/settings"));
    const values = [...page.querySelectorAll("form.card input")].map((field) => [
      field.getAttribute("name"),
      field.getAttribute("value") ?? "",
    ]);
    assert.deepEqual(Object.fromEntries(values), {
      portal_message: "",
      office_phone: "",
      mail_opening: "",
      mail_closing: "",
      shortest_password: "12",
      temporary_password_days: "7",
      letter_days: "30",
      remember_device_days: "30",
      leaver_days: "90",
      idle_minutes: "30",
      session_hours: "12",
      feed_errors: "10",
      restore_days: "30",
      file_days: "30",
      sign_in_months: "24",
      ledger_months: "24",
      audit_years: "6",
    });
    for (const field of page.querySelectorAll("form.card input")) {
      assert.ok(page.querySelector(`label[for="${field.id}"]`), field.id);
    }
  });

  it("refuse what is outside their limits, name it beside the field, and store nothing", async () => {
    const before_ = await stored();
    const wrong: readonly (readonly [keyof typeof RIGHT, string])[] = [
      ["portal", "ajar"],
      ["portal_message", "x".repeat(301)],
      ["shortest_password", "11"],
      ["shortest_password", "41"],
      ["temporary_password_days", "0"],
      ["remember_device_days", "91"],
      ["leaver_days", "-1"],
      ["idle_minutes", "4"],
      ["session_hours", "24.5"],
      ["session_hours", "1e1"],
      ["restore_days", ""],
      ["restore_days", "thirty"],
      ["restore_days", "９"],
      ["file_days", "0"],
      ["sign_in_months", "5"],
      ["ledger_months", "121"],
      ["audit_years", "0"],
      ["office_phone", "x".repeat(121)],
      ["mail_opening", "x".repeat(301)],
      ["mail_closing", "a\nb"],
      ["letter_days", "6"],
      ["office_phone", "a\0b"],
      ["office_phone", "a\r\nb"],
    ];
    for (const [name, value] of wrong) {
      const response = await admin.post("/settings", { ...RIGHT, [name]: value });
      assert.equal(response.status, 422, `${name} ${JSON.stringify(value)}`);
      const page = await documentOf(response);
      assert.equal(page.querySelectorAll(".summary a").length, 1);
      assert.equal(page.querySelector(".summary a")?.getAttribute("href"), `#field-${name}`);
      assert.equal(page.querySelector(`#field-${name}`)?.getAttribute("aria-invalid"), "true");
      assert.match(page.title, /^Error: /);
    }
    assert.deepEqual(await stored(), before_);
  });

  it("are stored together, work at once, and leave a row of before and after in the audit", async () => {
    const response = await admin.post("/settings", { ...RIGHT, unknown: "1", __proto__: "x" });
    assert.equal(response.headers.get("location"), "/settings?saved=yes");
    assert.match(await (await admin.get("/settings?saved=yes")).text(), /The settings were saved/);
    assert.deepEqual(await stored(), {
      portal: "open",
      portal_message: RIGHT.portal_message,
      office_phone: RIGHT.office_phone,
      shortest_password: 15,
      temporary_password_days: 3,
      mail_opening: RIGHT.mail_opening,
      mail_closing: "",
      letter_days: 7,
      remember_device_days: 0,
      leaver_days: 0,
      idle_minutes: 5,
      session_hours: 24,
      feed_errors: 25,
      admin_tfa: "optional",
      restore_days: 365,
      file_days: 60,
      sign_in_months: 12,
      ledger_months: 12,
      audit_years: 7,
    });
    const [audit] = await office.services.sql<
      { who: string; before: { idle_minutes: number }; after: { idle_minutes: number } }[]
    >`select who, before, after from audit where what = 'edit settings'`;
    assert.equal(audit?.who, "Olwen Hughes");
    assert.deepEqual([audit.before.idle_minutes, audit.after.idle_minutes], [30, 5]);
    office.clock.move(5);
    assert.equal((await admin.get("/settings")).status, 303, "idle for five minutes");
  });

  it("ask first where they would remove what is still kept, and remove nothing that was not named", async () => {
    const { sql } = office.services;
    admin = await signIn(office);
    await sql`delete from sign_ins`;
    await sql`
      insert into sign_ins (at, logon_id, outcome)
      select ${office.clock.now()}::timestamptz - make_interval(months => n), l.id, 'wrong password'
        from generate_series(7, 9) as n, (select id from logons limit 1) as l`;
    const before_ = await stored();
    const shorter = { ...RIGHT, sign_in_months: "8", audit_years: "6" };
    const asked = await admin.post("/settings", shorter);
    assert.equal(asked.status, 422);
    const page = await documentOf(asked);
    assert.deepEqual(
      [...page.querySelectorAll(".summary a")].map((link) => link.textContent),
      ["With this, 1 sign-in would go for good in the next hours. If that is meant, tick the box at the end."],
    );
    assert.equal(page.querySelector("#field-sign_in_months")?.getAttribute("value"), "8");
    const tick = page.querySelector('input[name="losing"]');
    assert.equal(tick?.hasAttribute("checked"), false);
    const losing = tick?.getAttribute("value") ?? "";
    assert.equal(
      (await admin.post("/settings", { ...shorter, sign_in_months: "6", losing })).status,
      422,
    );
    assert.deepEqual(await stored(), before_);
    const done = await admin.post("/settings", { ...shorter, losing });
    assert.equal(done.headers.get("location"), "/settings?saved=yes");
    assert.equal((await findSettings(sql)).sign_in_months, 8);
  });

  it("are an administrator's alone", async () => {
    const before_ = await stored();
    for (const username of ["frontdesk", "viewer"]) {
      const visitor = await signIn(office, username);
      assert.equal((await visitor.get("/settings")).status, 403);
      assert.equal((await visitor.post("/settings", RIGHT)).status, 403);
      const page = await documentOf(await visitor.get("/logons"));
      assert.ok(page.querySelector('a[href="/settings"]') === null);
    }
    assert.deepEqual(await stored(), before_);
  });
});
