// Two factor authentication of admins: setting it up, the code at the door, where it is required, and the way out.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { removeAdminTfa } from "../../db/admins.ts";
import { type Sql, transaction } from "../../db/connect.ts";
import { codeAt } from "../../lib/totp.ts";
import { documentOf, knowingOffice, type Office, signIn, Visitor } from "../office.ts";

const DESK = "frontdesk";
const OWN = "demo-frontdesk-2026";

let office: Office;
let sql: Sql;
let adminId: number;
before(async () => {
  office = await knowingOffice();
  sql = office.services.sql;
  const [row] = await sql<[{ id: number }]>`select id from admins where username = ${DESK}`;
  adminId = row.id;
});
after(() => office.close());
beforeEach(async () => {
  await sql`delete from totp_secrets where admin_id is not null`;
  await sql`delete from recovery_codes where admin_id is not null`;
  await sql`delete from throttles`;
  await sql`delete from settings`;
  await sql`update admins set must_change_password = false`;
  office.clock.move(1);
});

function whereTo(response: Response): string {
  return response.headers.get("location") ?? String(response.status);
}

async function enter(username = DESK): Promise<{ visitor: Visitor; to: string }> {
  const visitor = new Visitor(office);
  const password = `demo-${username}-2026`;
  return { visitor, to: whereTo(await visitor.post("/sign-in", { username, password })) };
}

async function offered(visitor: Visitor): Promise<Uint8Array> {
  const page = await documentOf(await visitor.get("/account/tfa/set-up"));
  const key = page.querySelector(".key")?.textContent ?? "";
  const bits = [...key.replaceAll(" ", "")]
    .map((one) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(one).toString(2).padStart(5, "0"))
    .join("");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2));
}

function codeNow(secret: Uint8Array): string {
  return codeAt(secret, office.clock.now());
}

async function setUp(visitor: Visitor): Promise<{ secret: Uint8Array; codes: string[] }> {
  const secret = await offered(visitor);
  const response = await visitor.post("/account/tfa/set-up", { code: codeNow(secret) });
  assert.equal(response.status, 200);
  const page = await documentOf(response);
  const codes = [...page.querySelectorAll(".recovery-codes code")].map((one) => one.textContent);
  office.clock.move(1);
  return { secret, codes: codes.filter((code) => code !== null) };
}

async function require(): Promise<void> {
  await sql`insert into settings (name, value) values ('admin_tfa', '"required"')`;
}

async function signedIn(): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from audit where what = 'sign in' and subject_id = ${adminId}`;
  return row.count;
}

describe("two factor authentication of an admin", () => {
  it("is set up from the account, with ten recovery codes shown once and stored sealed and hashed", async () => {
    const { visitor } = await enter();
    const { secret, codes } = await setUp(visitor);
    assert.equal(new Set(codes).size, 10);
    assert.match(await (await visitor.get("/account/tfa")).text(), /It is set up/);
    const rows = await sql<{ row: string }[]>`
      select t::text as row from totp_secrets t where admin_id = ${adminId}
      union all select r::text from recovery_codes r where admin_id = ${adminId}
      union all select a::text from audit a`;
    for (const code of codes) assert.ok(rows.every(({ row }) => !row.includes(code)));
    assert.ok(rows.every(({ row }) => !row.includes(secret.toHex())));
    const file = await visitor.post("/account/tfa/recovery-file", { recovery_code: codes });
    assert.match(await file.text(), /Parent Logons/);
  });

  it("asks for a code after the password: before it nothing opens, and it is no sign-in", async () => {
    const { secret } = await setUp((await enter()).visitor);
    const before_ = await signedIn();
    const { visitor, to } = await enter();
    assert.match(to, /^\/account\/tfa\/code/);
    for (const path of ["/logons", "/account", "/account/passkeys", "/account/tfa", "/tasks"]) {
      assert.equal(whereTo(await visitor.get(path)), "/account/tfa/code", path);
    }
    assert.equal((await visitor.piece("/task-alerts")).status, 204);
    for (const path of ["/account/password", "/account/tfa/removal", "/logons"]) {
      assert.equal(whereTo(await visitor.post(path)), "/account/tfa/code", path);
    }
    assert.equal((await visitor.post("/account/tfa/code", { code: "000000" })).status, 422);
    assert.equal(await signedIn(), before_);
    const token = visitor.cookies.get("office");
    const opened = await visitor.post("/account/tfa/code", {
      code: codeNow(secret),
      next: "/tasks",
    });
    assert.equal(whereTo(opened), "/tasks");
    assert.notEqual(visitor.cookies.get("office"), token);
    assert.equal((await visitor.get("/logons")).status, 200);
    assert.equal(await signedIn(), before_ + 1);
  });

  it("lets one of 50 through with the same code at the same moment", async () => {
    const { secret } = await setUp((await enter()).visitor);
    const visitors: Visitor[] = [];
    while (visitors.length < 50) visitors.push((await enter()).visitor);
    const code = codeNow(secret);
    const answers = await Promise.all(
      visitors.map((visitor) => visitor.post("/account/tfa/code", { code })),
    );
    assert.equal(answers.filter((answer) => whereTo(answer) === "/logons").length, 1);
  });

  it("takes a recovery code once, and makes a guesser wait", async () => {
    const { secret, codes } = await setUp((await enter()).visitor);
    const [code = ""] = codes;
    const first = await enter();
    const opened = await first.visitor.post("/account/tfa/recovery", { recovery_code: code });
    assert.equal(whereTo(opened), "/account/tfa?saved=recovery");
    const second = await enter();
    for (let n = 0; n < 5; n++) {
      const answer = await second.visitor.post("/account/tfa/recovery", { recovery_code: code });
      assert.equal(answer.status, 422);
    }
    const waits = await second.visitor.post("/account/tfa/code", { code: codeNow(secret) });
    assert.equal(waits.status, 422);
  });

  it("opens nothing of a parent with the same number, nor the other way round", async () => {
    const { visitor } = await enter();
    await setUp(visitor);
    const [row] = await sql`
      select count(*)::int as count from totp_secrets where logon_id = ${adminId}`;
    assert.equal(row?.["count"], 0);
    const [state] = await sql`select tfa from logons where id = ${adminId}`;
    assert.notEqual(state?.["tfa"], "set up");
  });

  it("is switched off by the own password alone", async () => {
    const { visitor } = await enter();
    await setUp(visitor);
    assert.equal((await visitor.post("/account/tfa/removal", { own_password: "x" })).status, 422);
    const off = await visitor.post("/account/tfa/removal", { own_password: OWN });
    assert.equal(whereTo(off), "/account/tfa?saved=off");
    assert.equal((await enter()).to, "/logons");
  });

  it("is set up before anything else where the school requires it, and cannot be switched off then", async () => {
    await require();
    const { visitor, to } = await enter();
    assert.match(to, /^\/account\/tfa\/set-up/);
    for (const path of ["/logons", "/account", "/account/passkeys", "/tasks"]) {
      assert.equal(whereTo(await visitor.get(path)), "/account/tfa/set-up", path);
    }
    const before_ = await signedIn();
    await setUp(visitor);
    assert.equal(await signedIn(), before_ + 1);
    assert.equal((await visitor.get("/logons")).status, 200);
    const off = await visitor.post("/account/tfa/removal", { own_password: OWN });
    assert.equal(off.status, 422);
    assert.match(await off.text(), /requires it of every admin/);
  });

  it("leads to the passkey where it is required and there is one", async () => {
    await require();
    await sql`
      insert into passkeys (admin_id, place, name, credential_id, public_key, user_handle, counter, synced, created_at)
      values (${adminId}, 1, 'Desk', '\\x01', ${new Uint8Array(40)}, ${new Uint8Array(
      32,
    )}, 0, false, now())`;
    const { visitor, to } = await enter();
    assert.match(to, /^\/account\/tfa\/passkey/);
    assert.equal((await visitor.get("/account/tfa/passkey")).status, 200);
    assert.equal(whereTo(await visitor.get("/account/tfa/set-up")), "/account/tfa/passkey");
    await sql`delete from passkeys`;
  });

  it("comes after a password of one's own where both are to be done", async () => {
    await require();
    await sql`update admins set must_change_password = true where id = ${adminId}`;
    const { visitor } = await enter();
    assert.equal(whereTo(await visitor.get("/account/tfa/set-up")), "/account");
    const chosen = { current: OWN, chosen: "copper kettle harbour" };
    const [row] = await sql`select password_hash as hash from admins where id = ${adminId}`;
    assert.equal(
      whereTo(await visitor.post("/account/password", chosen)),
      "/account?saved=password",
    );
    assert.equal(whereTo(await visitor.get("/logons")), "/account/tfa/set-up");
    await sql`update admins set password_hash = ${row?.["hash"]} where id = ${adminId}`;
  });

  it("is removed by the operator, with the passkeys and every session", async () => {
    const { visitor } = await enter();
    await setUp(visitor);
    const why = { reason: "admin reset" };
    const author = { adminId: null, who: "operator" };
    const remove = (): Promise<boolean> =>
      transaction(sql, (tx) => removeAdminTfa(tx, adminId, why, author));
    assert.equal(await remove(), true);
    assert.equal(await remove(), false);
    assert.match(whereTo(await visitor.get("/logons")), /^\/sign-in/);
    assert.equal((await enter()).to, "/logons");
  });

  it("does not let a colleague's code in", async () => {
    const { secret } = await setUp((await enter()).visitor);
    await setUp(await signIn(office, "office"));
    const other = await enter("office");
    const answer = await other.visitor.post("/account/tfa/code", { code: codeNow(secret) });
    assert.equal(answer.status, 422);
  });
});
