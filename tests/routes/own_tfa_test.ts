// Two factor authentication of a parent: what opens the portal and what does not, what is recorded, and what is never stored.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Sql, transaction } from "../../db/connect.ts";
import { changeTfa, type TfaChange } from "../../db/logon_tfa.ts";
import { openHasher } from "../../lib/passwords.ts";
import { codeAt } from "../../lib/totp.ts";
import { openKeys } from "../../lib/keys.ts";
import { createApp } from "../../routes/mod.ts";
import { idOf } from "../logons.ts";
import { documentOf, type Office, openOffice, signIn, Visitor } from "../office.ts";

const OWN = "demo-parent-2026";
const CHOSEN = "three calm otters swim";
const SIAN = "sian.evans";

let office: Office;
let sql: Sql;

before(async () => {
  const opened = await openOffice();
  const real = openHasher();
  const cheap = new Set<string>();
  // Knows the cast's passwords by heart, and hashes cheaply what a test chooses.
  const hasher = {
    async hash(password: string): Promise<string> {
      const hash = await real.hash(password, 4);
      cheap.add(hash);
      return hash;
    },
    async verify(password: string, hash: string | null): Promise<boolean> {
      if (hash !== null && cheap.has(hash)) return await real.verify(password, hash);
      return hash !== null && [OWN, "demo-temporary-2026", "demo-office-2026"].includes(password);
    },
    verifyGenerated: () => Promise.resolve(false),
  };
  const services = { ...opened.services, hasher: { ...opened.services.hasher, ...hasher } };
  office = { ...opened, services, app: createApp(services) };
  sql = services.sql;
});
after(() => office.close());
beforeEach(async () => {
  await sql`delete from throttles`;
  await change(SIAN, "lost phone");
  office.clock.move(1);
});

async function change(username: string, what: TfaChange): Promise<boolean> {
  const id = await idOf(sql, username);
  const author = { adminId: null, who: "Olwen Hughes" };
  const asked = { change: what, why: { reason: "test" }, author };
  return await transaction(sql, (tx) => changeTfa(tx, id, asked, office.clock.now()));
}

async function enter(username = SIAN, password = OWN): Promise<{ visitor: Visitor; to: string }> {
  const visitor = new Visitor(office);
  return { visitor, to: whereTo(await visitor.post("/portal/sign-in", { username, password })) };
}

function whereTo(response: Response): string {
  return response.headers.get("location") ?? String(response.status);
}

async function offered(visitor: Visitor): Promise<Uint8Array> {
  const page = await documentOf(await visitor.get("/portal/tfa/set-up"));
  return bytesOf(page.querySelector(".key")?.textContent ?? "");
}

/** Base32 back to bytes, as an app reads it. */
function bytesOf(key: string): Uint8Array {
  const bits = [...key.replaceAll(" ", "")]
    .map((one) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(one).toString(2).padStart(5, "0"))
    .join("");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2));
}

function codeNow(secret: Uint8Array, seconds = 0): string {
  return codeAt(secret, new Date(office.clock.now().getTime() + seconds * 1000));
}

/** Siân signs in, sets it up, and is in the portal. */
async function setUp(): Promise<{ visitor: Visitor; secret: Uint8Array; codes: string[] }> {
  const { visitor } = await enter();
  const secret = await offered(visitor);
  const response = await visitor.post("/portal/tfa/set-up", { code: codeNow(secret) });
  assert.equal(response.status, 200);
  const page = await documentOf(response);
  const codes = [...page.querySelectorAll(".recovery-codes code")].map((one) => one.textContent);
  office.clock.move(1);
  return { visitor, secret, codes: codes.filter((code) => code !== null) };
}

async function counted(username = SIAN): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select sign_in_count as count from logons where username = ${username}`;
  return row?.count ?? -1;
}

/** How the tries since `after` went. */
async function outcomes(after: number): Promise<string[]> {
  const rows = await sql<{ outcome: string }[]>`
    select outcome from sign_ins where id > ${after} order by id`;
  return rows.map((row) => row.outcome);
}

async function newest(): Promise<number> {
  const [row] = await sql<[{ id: number }]>`select coalesce(max(id), 0) as id from sign_ins`;
  return row.id;
}

describe("signing in where it is required", () => {
  it("leads to setting it up, and the portal stays shut until then", async () => {
    const { visitor, to } = await enter();
    assert.equal(to, "/portal/tfa/set-up");
    for (const path of ["/portal", "/portal/password", "/portal/tfa", "/portal/tfa/code"]) {
      assert.equal(whereTo(await visitor.get(path)), "/portal/tfa/set-up", path);
    }
    for (const path of ["/portal/password", "/portal/tfa/recovery", "/portal/tfa/recovery-codes"]) {
      assert.equal(whereTo(await visitor.post(path)), "/portal/tfa/set-up", path);
    }
    assert.equal(whereTo(await visitor.post("/portal/sign-out")), "/portal/sign-in");
  });

  it("opens the portal after a code of the key on the page, with ten recovery codes shown once", async () => {
    const since = await newest();
    const before_ = await counted();
    const { visitor } = await enter();
    const first = visitor.cookies.get("portal");
    const secret = await offered(visitor);
    assert.equal(secret.length, 20);
    assert.equal(await counted(), before_, "the password alone is no success");
    const response = await visitor.post("/portal/tfa/set-up", { code: codeNow(secret) });
    const page = await documentOf(response);
    const codes = [...page.querySelectorAll(".recovery-codes code")];
    assert.equal(new Set(codes.map((one) => one.textContent)).size, 10);
    assert.equal(await counted(), before_ + 1);
    assert.deepEqual(await outcomes(since), ["waiting for code", "success"]);
    assert.notEqual(visitor.cookies.get("portal"), first, "the session has a new id");
    assert.equal((await visitor.get("/portal")).status, 200);
    const again = await visitor.post("/portal/tfa/set-up", { code: codeNow(secret) });
    assert.equal(whereTo(again), "/portal/tfa");
    const stale = new Visitor(office);
    stale.cookies.set("portal", first ?? "");
    assert.equal(whereTo(await stale.get("/portal")), "/portal/sign-in?next=%2Fportal");
  });

  it("asks again kindly after a wrong code, with the same key", async () => {
    const since = await newest();
    const { visitor } = await enter();
    const secret = await offered(visitor);
    for (const code of ["", "12345", "1234567", "１２３４５６", "abcdef", "000000\0"]) {
      await sql`delete from throttles`;
      const response = await visitor.post("/portal/tfa/set-up", { code });
      assert.equal(response.status, 422, JSON.stringify(code));
      const page = await documentOf(response);
      assert.match(page.querySelector("#field-code-problem")?.textContent ?? "", /not right/);
      assert.deepEqual(bytesOf(page.querySelector(".key")?.textContent ?? ""), secret);
    }
    assert.deepEqual(new Set(await outcomes(since)), new Set(["waiting for code", "wrong code"]));
    await sql`delete from throttles`;
    const spaced = codeNow(secret).replace(/^(...)/, "$1 ");
    assert.equal((await visitor.post("/portal/tfa/set-up", { code: spaced })).status, 200);
  });

  it("tells the parent by mail, who may not be the one that did it, and of new recovery codes too", async () => {
    await sql`delete from notices`;
    const { visitor, secret } = await setUp();
    await visitor.post("/portal/tfa/recovery-codes", { code: "000000" });
    await visitor.post("/portal/tfa/recovery-codes", { code: codeNow(secret) });
    const told = await sql<{ kind: string; address: string; username: string }[]>`
      select n.kind, n.address, l.username from notices n join logons l on l.id = n.logon_id order by n.id`;
    const sian = { address: "sian.evans@example.org", username: SIAN };
    assert.deepEqual(told.map((row) => ({ ...row })), [
      { kind: "tfa set up", ...sian },
      { kind: "recovery codes made", ...sian },
    ]);
  });

  it("keeps only the secret that was confirmed, of two begun", async () => {
    const [one, other] = [await enter(), await enter()];
    const [kept, left] = [await offered(one.visitor), await offered(other.visitor)];
    assert.notDeepEqual(kept, left);
    const mixed = await one.visitor.post("/portal/tfa/set-up", { code: codeNow(left) });
    assert.equal(mixed.status, 422);
    const done = await one.visitor.post("/portal/tfa/set-up", { code: codeNow(kept) });
    assert.equal(done.status, 200);
    const late = await other.visitor.post("/portal/tfa/set-up", { code: codeNow(left) });
    assert.match(whereTo(late), /^\/portal\/sign-in/);
    office.clock.move(1);
    const { visitor } = await enter();
    assert.equal(
      (await visitor.post("/portal/tfa/code", { code: codeNow(left) })).status,
      422,
    );
    assert.equal(
      whereTo(await visitor.post("/portal/tfa/code", { code: codeNow(kept) })),
      "/portal",
    );
  });

  it("comes after a temporary password was changed, which opens nothing either", async () => {
    await change("minh.nguyen", "require");
    const before_ = await counted("minh.nguyen");
    const { visitor, to } = await enter("minh.nguyen", "demo-temporary-2026");
    assert.equal(to, "/portal/password");
    assert.equal(whereTo(await visitor.get("/portal/tfa/set-up")), "/portal/password");
    const changed = await visitor.post("/portal/password", { chosen: CHOSEN });
    assert.equal(changed.status, 303);
    assert.equal(whereTo(await visitor.get("/portal")), "/portal/tfa/set-up");
    assert.equal(await counted("minh.nguyen"), before_);
    const secret = await offered(visitor);
    await visitor.post("/portal/tfa/set-up", { code: codeNow(secret) });
    assert.equal(await counted("minh.nguyen"), before_ + 1);
    assert.equal((await visitor.get("/portal")).status, 200);
  });
});

describe("signing in where it is set up", () => {
  it("asks for a code, and nothing opens before it, not even a change of password", async () => {
    await setUp();
    const before_ = await counted();
    const since = await newest();
    const { visitor, to } = await enter();
    assert.match(to, /^\/portal\/tfa\/code/);
    for (const path of ["/portal", "/portal/password", "/portal/tfa", "/portal/tfa/set-up"]) {
      assert.equal(whereTo(await visitor.get(path)), "/portal/tfa/code", path);
    }
    for (const path of ["/portal/password", "/portal/tfa/set-up", "/portal/tfa/recovery-codes"]) {
      assert.equal(whereTo(await visitor.post(path)), "/portal/tfa/code", path);
    }
    const wrong = await visitor.post("/portal/tfa/code", { code: "000000" });
    assert.equal(wrong.status, 422);
    assert.equal(await counted(), before_);
    assert.deepEqual(await outcomes(since), ["waiting for code", "wrong code"]);
  });

  it("opens by a code once: not again, not an older one, not by another sign-in", async () => {
    const { secret } = await setUp();
    const before_ = await counted();
    const [one, other] = [await enter(), await enter()];
    const session = one.visitor.cookies.get("portal");
    const code = codeNow(secret);
    const opened = await one.visitor.post("/portal/tfa/code", { code, next: "/portal/password" });
    assert.equal(whereTo(opened), "/portal/password");
    assert.notEqual(one.visitor.cookies.get("portal"), session);
    assert.equal(await counted(), before_ + 1);
    for (const late of [code, codeNow(secret, -30)]) {
      assert.equal((await other.visitor.post("/portal/tfa/code", { code: late })).status, 422);
    }
    assert.equal(await counted(), before_ + 1);
    const next = await other.visitor.post("/portal/tfa/code", { code: codeNow(secret, 30) });
    assert.equal(whereTo(next), "/portal", "a telephone half a minute ahead");
  });

  it("lets one of 50 through with the same code at the same moment", async () => {
    const { secret } = await setUp();
    const before_ = await counted();
    const visitors: { visitor: Visitor; to: string }[] = [];
    // One after the other: the password's own door has a wait too.
    while (visitors.length < 50) visitors.push(await enter());
    const code = codeNow(secret);
    const answers = await Promise.all(
      visitors.map(({ visitor }) => visitor.post("/portal/tfa/code", { code })),
    );
    assert.equal(answers.filter((answer) => whereTo(answer) === "/portal").length, 1);
    assert.equal(answers.filter((answer) => answer.status === 422).length, 49);
    assert.equal(await counted(), before_ + 1);
  });

  it("makes a guesser wait after five wrong codes in a row, also with the right one, in the same words", async () => {
    const { secret } = await setUp();
    const since = await newest();
    const { visitor } = await enter();
    const said = new Set<string>();
    for (let n = 0; n < 5; n++) {
      const answer = await visitor.post("/portal/tfa/code", { code: "000000" });
      said.add(await answer.text());
    }
    const refused = await visitor.post("/portal/tfa/code", { code: codeNow(secret) });
    said.add(await refused.text());
    assert.equal(refused.status, 422);
    assert.equal(said.size, 1);
    assert.equal((await outcomes(since)).at(-1), "waiting");
    const again = await enter();
    assert.equal(
      (await again.visitor.post("/portal/tfa/code", { code: codeNow(secret) })).status,
      422,
      "a right password does not end the wait",
    );
    office.clock.move(2);
    assert.equal(
      whereTo(await visitor.post("/portal/tfa/code", { code: codeNow(secret) })),
      "/portal",
    );
  });

  it("comes before a temporary password is changed, so that a stolen mail changes nothing", async () => {
    const { secret } = await setUp();
    await sql`
      update logon_passwords set temporary = true, expires_at = 'infinity' where logon_id = ${await idOf(
      sql,
      SIAN,
    )}`;
    const { visitor, to } = await enter();
    assert.match(to, /^\/portal\/tfa\/code/);
    assert.equal(whereTo(await visitor.post("/portal/password")), "/portal/tfa/code");
    await visitor.post("/portal/tfa/code", { code: codeNow(secret) });
    assert.equal(whereTo(await visitor.get("/portal")), "/portal/password");
    await sql`
      update logon_passwords set temporary = false, expires_at = null where temporary and expires_at = 'infinity'`;
  });

  it("does not open for a sign-in that the office has ended meanwhile", async () => {
    const { secret } = await setUp();
    const { visitor } = await enter();
    await sql`update logons set suspended_at = now() where username = ${SIAN}`;
    const answer = await visitor.post("/portal/tfa/code", { code: codeNow(secret) });
    assert.match(whereTo(answer), /^\/portal\/sign-in/);
    await sql`update logons set suspended_at = null where username = ${SIAN}`;
  });

  it("never leads to another site afterwards", async () => {
    const { secret } = await setUp();
    for (const next of ["https://evil.example", "//evil.example", "/portal\\..\\x", "/logons"]) {
      office.clock.move(1);
      const { visitor } = await enter();
      const answer = await visitor.post("/portal/tfa/code", { code: codeNow(secret), next });
      assert.equal(whereTo(answer), "/portal", next);
    }
  });

  it("opens by a recovery code once, however it is typed", async () => {
    const { codes } = await setUp();
    const before_ = await counted();
    const [code = ""] = codes;
    const { visitor } = await enter();
    const typed = code.toLowerCase().replaceAll("-", " ");
    const opened = await visitor.post("/portal/tfa/recovery", { recovery_code: typed });
    assert.equal(whereTo(opened), "/portal/tfa?saved=recovery");
    const page = await documentOf(await visitor.get("/portal/tfa"));
    assert.match(page.querySelector("main")?.textContent ?? "", /9 codes left/);
    assert.equal(await counted(), before_ + 1);
    const other = await enter();
    for (const wrong of [code, "", "0000-0000-0000", "x".repeat(5000)]) {
      const answer = await other.visitor.post("/portal/tfa/recovery", { recovery_code: wrong });
      assert.equal(answer.status, 422, wrong);
    }
    const rows = await sql`select what from audit where what = 'use a recovery code'`;
    assert.equal(rows.length, 1);
  });

  it("still takes codes and recovery codes of the former server key while both are live", async () => {
    const { codes } = await setUp();
    const present = office;
    const keys = openKeys(new Uint8Array(32).fill(9), new Uint8Array(32).fill(7));
    const services = { ...present.services, keys };
    office = { ...present, services, app: createApp(services) };
    try {
      const { visitor } = await enter();
      const opened = await visitor.post("/portal/tfa/recovery", { recovery_code: codes[0] ?? "" });
      assert.equal(whereTo(opened), "/portal/tfa?saved=recovery");
    } finally {
      office = present;
    }
  });

  it("says so calmly where the server key is another one", async () => {
    const { secret } = await setUp();
    await sql`update totp_secrets set key_print = '\\x0000000000000000'`;
    const { visitor } = await enter();
    const answer = await visitor.post("/portal/tfa/code", { code: codeNow(secret) });
    assert.equal(answer.status, 422);
    assert.match(await answer.text(), /ring the school office/);
    assert.match(office.logged.join("\n"), /SECRET_KEY/);
    const [last] = await sql<{ outcome: string; logonId: number }[]>`
      select outcome, logon_id as "logonId" from sign_ins order by id desc limit 1`;
    assert.equal(last?.outcome, "code not checked", "nobody knows whether it was wrong");
    const admin = await signIn(office);
    const why = await (await admin.piece(`/logons/${last?.logonId}/access`)).text();
    assert.match(why, /could not be checked: this server had another key/);
    assert.doesNotMatch(why, /Codes depend on the time/);
  });
});

describe("a parent's own page", () => {
  it("lets a parent turn it on, and asks for the password if it was typed long ago", async () => {
    const { visitor, to } = await enter("ama.boateng");
    assert.equal(to, "/portal");
    const before_ = await counted("ama.boateng");
    const home = await documentOf(await visitor.get("/portal"));
    assert.ok(home.querySelector('a[href="/portal/tfa"]'));
    office.clock.move(15);
    const secret = await offered(visitor);
    const code = codeNow(secret);
    const without = await visitor.post("/portal/tfa/set-up", { code });
    assert.equal(without.status, 422);
    assert.match(await without.text(), /This is not your password now/);
    const done = await visitor.post("/portal/tfa/set-up", { code, current: OWN });
    assert.equal(done.status, 200);
    assert.equal(await counted("ama.boateng"), before_, "no sign-in, so none is counted");
    const page = await documentOf(await visitor.get("/portal/tfa"));
    assert.match(page.querySelector("main")?.textContent ?? "", /10 codes left/);
    await change("ama.boateng", "switch off");
  });

  it("makes new recovery codes for a code, and ends the old ones", async () => {
    const { visitor, secret, codes } = await setUp();
    const wrong = await visitor.post("/portal/tfa/recovery-codes", { code: "000000" });
    assert.equal(wrong.status, 422);
    const answer = await visitor.post("/portal/tfa/recovery-codes", { code: codeNow(secret) });
    const page = await documentOf(answer);
    assert.equal(page.querySelectorAll(".recovery-codes code").length, 10);
    const other = await enter();
    const [old = ""] = codes;
    const refused = await other.visitor.post("/portal/tfa/recovery", { recovery_code: old });
    assert.equal(refused.status, 422);
  });

  it("gives the codes as a file, made from the form alone", async () => {
    const { visitor, codes } = await setUp();
    const answer = await visitor.post("/portal/tfa/recovery-file", { recovery_code: codes });
    assert.equal(answer.headers.get("content-type"), "text/plain; charset=utf-8");
    assert.match(answer.headers.get("content-disposition") ?? "", /^attachment; filename=/);
    const lines = (await answer.text()).split("\r\n");
    for (const code of codes) assert.ok(lines.includes(code));
    const nothing = await visitor.post("/portal/tfa/recovery-file", { recovery_code: "<script>" });
    assert.equal(whereTo(nothing), "/portal/tfa");
  });
});

describe("secrets of two factor authentication", () => {
  it("stand in no table, log or audit in clear", async () => {
    const { visitor, secret, codes } = await setUp();
    const code = codeNow(secret);
    await visitor.post("/portal/tfa/recovery-codes", { code });
    const [one = ""] = codes;
    const tables = ["totp_secrets", "recovery_codes", "audit", "sign_ins", "sessions", "throttles"];
    const stored = [office.logged.join("\n")];
    for (const table of tables) {
      const rows = await sql<{ row: string }[]>`select to_jsonb(t)::text as row from ${
        sql(table)
      } t`;
      stored.push(...rows.map(({ row }) => row));
    }
    const all = stored.join("\n");
    const page = await documentOf(await visitor.get("/portal/tfa"));
    for (const hidden of [hexOf(secret), one, one.replaceAll("-", "")]) {
      assert.ok(!all.includes(hidden), "in clear");
      assert.ok(!(page.body.textContent ?? "").includes(hidden), "shown again");
    }
    assert.doesNotMatch(all, new RegExp(`"code": ?"${code}"`));
  });

  function hexOf(bytes: Uint8Array): string {
    return bytes.toHex();
  }
});
