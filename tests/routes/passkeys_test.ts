// Passkeys of parents and admins: adding, renaming and removing, both doors, and every way to forge one.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { Authenticator, type Forged } from "../authenticator.ts";
import { documentOf, knowingOffice, type Office, ORIGIN, signIn, Visitor } from "../office.ts";

const AMA = "ama.boateng";
const OWN = "demo-parent-2026";
const ASKED = { rpId: "localhost", origin: ORIGIN };

type Side = { base: string; door: string; home: string };
const PORTAL: Side = { base: "/portal/passkeys", door: "/portal/sign-in/passkey", home: "/portal" };
const OFFICE: Side = { base: "/account/passkeys", door: "/sign-in/passkey", home: "/logons" };

let office: Office;
let sql: Sql;
before(async () => {
  office = await knowingOffice();
  sql = office.services.sql;
});
after(() => office.close());
beforeEach(async () => {
  await sql`delete from passkeys`;
  await sql`delete from throttles`;
  await sql`delete from notices`;
  await sql`update logons set suspended_at = null, expires_on = null, tfa = 'off' where username = ${AMA}`;
  await sql`update admins set suspended_at = null`;
  office.clock.move(1);
});

async function enter(username = AMA): Promise<Visitor> {
  const visitor = new Visitor(office);
  const response = await visitor.post("/portal/sign-in", { username, password: OWN });
  assert.equal(response.status, 303);
  return visitor;
}

type Asked = { challenge: string; user?: { id: string } };

async function ask(visitor: Visitor, path: string, fields = {}): Promise<Asked> {
  const response = await visitor.post(`${path}/options`, fields);
  const { options } = await response.json();
  assert.equal(response.status, 200);
  return options;
}

async function add(
  visitor: Visitor,
  { base }: Side,
  forged: Forged = {},
  device?: Authenticator,
): Promise<{ device: Authenticator; response: Response }> {
  const made = device ?? await Authenticator.open();
  const { challenge, user } = await ask(visitor, base, { name: "My phone" });
  const passkey = await made.create({ ...ASKED, challenge }, user?.id ?? "", forged);
  return { device: made, response: await visitor.post(base, { name: "My phone", passkey }) };
}

async function use(
  device: Authenticator,
  { door }: Side,
  forged: Forged = {},
): Promise<{ visitor: Visitor; to: string }> {
  const visitor = new Visitor(office);
  const { challenge } = await ask(visitor, door);
  const passkey = await device.use({ ...ASKED, challenge }, forged);
  return { visitor, to: whereTo(await visitor.post(door, { passkey })) };
}

function whereTo(response: Response): string {
  return response.headers.get("location") ?? String(response.status);
}

async function newest(): Promise<{ outcome: string; username: string | null }> {
  const [row] = await sql<{ outcome: string; username: string | null }[]>`
    select outcome, username from sign_ins order by id desc limit 1`;
  assert.ok(row);
  return { ...row };
}

async function audited(what: string): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from audit where what = ${what}`;
  return row.count;
}

async function stored(): Promise<number> {
  const [row] = await sql<[{ count: number }]>`select count(*)::int as count from passkeys`;
  return row.count;
}

describe("adding a passkey", () => {
  it("stores it, says so in the audit, and tells the parent by mail", async () => {
    const visitor = await enter();
    const before_ = await audited("add passkey");
    const { response } = await add(visitor, PORTAL);
    assert.equal(whereTo(response), "/portal/passkeys?saved=added");
    const page = await documentOf(await visitor.get("/portal/passkeys?saved=added"));
    assert.match(page.querySelector(".passkeys")?.textContent ?? "", /My phone/);
    assert.equal(await audited("add passkey"), before_ + 1);
    const [notice] = await sql`select kind, address from notices`;
    assert.equal(notice?.["kind"], "passkey added");
    const [row] = await sql`select admin_id, logon_id is not null as logon from passkeys`;
    assert.deepEqual({ ...row }, { admin_id: null, logon: true });
  });

  it("asks a browser for a discoverable credential of a verified user, and names no person in it", async () => {
    const visitor = await enter();
    const response = await visitor.post("/portal/passkeys/options", { name: "x" });
    const { options } = await response.json();
    assert.equal(options.rp.id, "localhost");
    assert.equal(options.authenticatorSelection.residentKey, "required");
    assert.equal(options.authenticatorSelection.userVerification, "required");
    assert.equal(Uint8Array.fromBase64(options.user.id, { alphabet: "base64url" }).length, 32);
    assert.equal(options.user.name, AMA);
  });

  it("takes none that was made for another address, purpose, session, or by nobody in particular", async () => {
    const visitor = await enter();
    const foreign: Forged[] = [
      { origin: "https://evil.example" },
      { origin: "http://localhost:8001" },
      { rpId: "evil.example" },
      { verified: false },
      { type: "webauthn.get" },
      { challenge: (await ask(new Visitor(office), PORTAL.door)).challenge },
      { challenge: (await ask(await enter(), PORTAL.base, { name: "x" })).challenge },
      { challenge: "AAAA" },
      { challenge: "" },
    ];
    for (const forged of foreign) {
      const { response } = await add(visitor, PORTAL, forged);
      assert.equal(response.status, 422, JSON.stringify(forged));
    }
    assert.equal(await stored(), 0);
  });

  it("takes a challenge once, and not after five minutes", async () => {
    const visitor = await enter();
    const device = await Authenticator.open();
    const { challenge, user } = await ask(visitor, PORTAL.base, { name: "x" });
    const passkey = await device.create({ ...ASKED, challenge }, user?.id ?? "");
    assert.equal((await visitor.post(PORTAL.base, { name: "x", passkey })).status, 303);
    await sql`delete from passkeys`;
    assert.equal((await visitor.post(PORTAL.base, { name: "x", passkey })).status, 422);
    const late = await ask(visitor, PORTAL.base, { name: "x" });
    office.clock.move(5.1);
    const tooLate = await device.create({ ...ASKED, challenge: late.challenge }, "AAAA");
    assert.equal((await visitor.post(PORTAL.base, { name: "x", passkey: tooLate })).status, 422);
    assert.equal(await stored(), 0);
  });

  it("asks for the own password again after ten minutes, before the browser is asked", async () => {
    const visitor = await enter();
    office.clock.move(11);
    const page = await documentOf(await visitor.get(PORTAL.base));
    assert.ok(page.querySelector("#field-own_password"));
    for (const own_password of ["", "wrong"]) {
      const refused = await visitor.post(`${PORTAL.base}/options`, { name: "x", own_password });
      assert.equal(refused.status, 422);
      assert.match((await refused.json()).problem, /your.*password/i);
    }
    assert.equal((await visitor.post(PORTAL.base, { name: "x", passkey: "{}" })).status, 422);
    await ask(visitor, PORTAL.base, { name: "x", own_password: OWN });
    assert.equal(whereTo((await add(visitor, PORTAL)).response), "/portal/passkeys?saved=added");
  });

  it("keeps at most ten, also of twelve at the same moment", async () => {
    const visitor = await enter();
    const answers = await Promise.all(Array.from({ length: 12 }, () => add(visitor, PORTAL)));
    assert.equal(answers.filter(({ response }) => response.status === 303).length, 10);
    assert.equal(await stored(), 10);
    const page = await documentOf(await visitor.get(PORTAL.base));
    assert.equal(page.querySelector("form[data-passkey=add]"), null);
  });

  it("does not take one that somebody else has", async () => {
    const { device } = await add(await enter(), PORTAL);
    const { response } = await add(await enter("lukasz.w"), PORTAL, {}, device);
    assert.equal(response.status, 422);
    assert.equal(await stored(), 1);
  });

  it("takes a name and an answer that cannot be any kindly", async () => {
    const visitor = await enter();
    for (const name of ["", " ", "\0", "x".repeat(10_000), "a\nb", "x\u0085x"]) {
      const refused = await visitor.post(`${PORTAL.base}/options`, { name });
      assert.equal(refused.status, 422, JSON.stringify(name));
      await refused.body?.cancel();
      const posted = await visitor.post(PORTAL.base, { name, passkey: "{}" });
      assert.equal(posted.status, 422, JSON.stringify(name));
      await posted.body?.cancel();
    }
    const answers = [
      "",
      "{}",
      "null",
      "[]",
      "\0",
      "x".repeat(10_000),
      '{"id":1}',
      '{"type":"public-key","id":"AA","rawId":"AA","response":{"clientDataJSON":"!!"}}',
      '{"type":"public-key","id":"AA","rawId":"AA","response":{"clientDataJSON":"e30"}}',
    ];
    for (const passkey of answers) {
      assert.equal((await visitor.post(PORTAL.base, { name: "x", passkey })).status, 422, passkey);
      assert.equal((await new Visitor(office).post(PORTAL.door, { passkey })).status, 422, passkey);
      await sql`delete from throttles`;
    }
    const shown = await visitor.post(PORTAL.base, { name: "<b>😀", passkey: "{}" });
    assert.doesNotMatch(await shown.text(), /<b>/);
  });
});

describe("renaming a passkey", () => {
  const named = async (): Promise<string[]> =>
    (await sql<{ name: string }[]>`select name from passkeys order by id`).map(({ name }) => name);

  it("gives a parent's and an admin's another name, says so in the audit, and it opens as before", async () => {
    for (
      const [side, visitor] of [[PORTAL, await enter()], [OFFICE, await signIn(office)]] as const
    ) {
      await sql`delete from passkeys`;
      const { device } = await add(visitor, side);
      const list = await documentOf(await visitor.get(side.base));
      const href = list.querySelector(".passkeys a[href$='/name']")?.getAttribute("href") ?? "";
      const page = await documentOf(await visitor.get(href));
      assert.equal(page.querySelector("#field-name")?.getAttribute("value"), "My phone");
      const before_ = await audited("rename passkey");
      for (let time = 0; time < 2; time++) {
        const to = whereTo(await visitor.post(href, { name: " The blue tablet " }));
        assert.equal(to, `${side.base}?saved=renamed`);
      }
      assert.deepEqual(await named(), ["The blue tablet"]);
      assert.equal(await audited("rename passkey"), before_ + 1, "the second time changes nothing");
      const [row] = await sql`
        select before, after from audit where what = 'rename passkey' order by id desc limit 1`;
      assert.deepEqual({ ...row }, {
        before: { passkey: "My phone" },
        after: { passkey: "The blue tablet" },
      });
      assert.notEqual((await use(device, side)).to, "422");
    }
  });

  it("takes a name that cannot be one kindly, and keeps what was typed", async () => {
    const visitor = await enter();
    await add(visitor, PORTAL);
    const [row] = await sql<{ id: number }[]>`select id from passkeys`;
    const at = `${PORTAL.base}/${row?.id}/name`;
    for (const name of ["", " ", "\0", "x".repeat(61), "a\nb"]) {
      const refused = await visitor.post(at, { name });
      assert.equal(refused.status, 422, JSON.stringify(name));
      await refused.body?.cancel();
    }
    const shown = await documentOf(await visitor.post(at, { name: `<b>${"x".repeat(60)}` }));
    assert.match(shown.querySelector("#field-name")?.getAttribute("value") ?? "", /^<b>x/);
    assert.match(shown.querySelector("[role=alert]")?.textContent ?? "", /at most 60/);
    assert.deepEqual(await named(), ["My phone"]);
  });

  it("is for the own ones only", async () => {
    await add(await enter(), PORTAL);
    const [row] = await sql<{ id: number }[]>`select id from passkeys`;
    const other = await enter("lukasz.w");
    const admin = await signIn(office);
    for (const [visitor, base] of [[other, PORTAL.base], [admin, OFFICE.base]] as const) {
      assert.equal((await visitor.get(`${base}/${row?.id}/name`)).status, 404);
      assert.equal((await visitor.post(`${base}/${row?.id}/name`, { name: "Mine" })).status, 404);
    }
    assert.deepEqual(await named(), ["My phone"]);
  });
});

describe("removing a passkey", () => {
  it("asks first, and then it opens nothing", async () => {
    const visitor = await enter();
    const { device } = await add(visitor, PORTAL);
    const page = await documentOf(await visitor.get(PORTAL.base));
    const remove = page.querySelector(".passkeys a[href$='/removal']");
    const href = remove?.getAttribute("href") ?? "";
    assert.equal((await visitor.get(href)).status, 200);
    assert.equal(await stored(), 1);
    assert.equal(whereTo(await visitor.post(href)), "/portal/passkeys?saved=removed");
    assert.equal(await stored(), 0);
    assert.equal((await use(device, PORTAL)).to, "422");
    assert.equal((await visitor.post(href)).status, 404, "twice");
    const told = await sql<{ kind: string; facts: unknown }[]>`
      select kind, facts from notices where kind = 'passkey removed'`;
    assert.deepEqual(told.map((row) => ({ ...row })), [
      { kind: "passkey removed", facts: { passkey: "My phone" } },
    ]);
  });

  it("is for the own ones only", async () => {
    await add(await enter(), PORTAL);
    const [row] = await sql<{ id: number }[]>`select id from passkeys`;
    const other = await enter("lukasz.w");
    assert.equal((await other.get(`/portal/passkeys/${row?.id}/removal`)).status, 404);
    assert.equal((await other.post(`/portal/passkeys/${row?.id}/removal`)).status, 404);
    const admin = await signIn(office);
    assert.equal((await admin.post(`/account/passkeys/${row?.id}/removal`)).status, 404);
    assert.equal(await stored(), 1);
  });
});

describe("the portal's door", () => {
  it("opens to a passkey alone, which counts as a success", async () => {
    const { device } = await add(await enter(), PORTAL);
    const [before_] = await sql`select sign_in_count as count from logons where username = ${AMA}`;
    const { visitor, to } = await use(device, PORTAL);
    assert.equal(to, "/portal");
    assert.equal((await visitor.get("/portal")).status, 200);
    assert.deepEqual(await newest(), { outcome: "success", username: AMA });
    const [after_] = await sql`select sign_in_count as count from logons where username = ${AMA}`;
    assert.equal(after_?.["count"], before_?.["count"] + 1);
  });

  it("asks for no code where two factors are required; a password leads to the passkey", async () => {
    const { device } = await add(await enter(), PORTAL);
    await sql`update logons set tfa = 'required' where username = ${AMA}`;
    assert.equal((await use(device, PORTAL)).to, "/portal");
    const rows = await (await (await signIn(office)).get(`/logons?q=${AMA}`)).text();
    assert.match(rows, /Two factor authentication: required, by passkey/);
    assert.doesNotMatch(rows, /TFA not set up/);
    const visitor = new Visitor(office);
    const response = await visitor.post("/portal/sign-in", { username: AMA, password: OWN });
    assert.match(whereTo(response), /^\/portal\/tfa\/passkey/);
    for (const path of ["/portal", "/portal/passkeys", "/portal/tfa/set-up", "/portal/password"]) {
      assert.equal(whereTo(await visitor.get(path)), "/portal/tfa/passkey", path);
    }
    assert.equal((await visitor.get("/portal/tfa/passkey")).status, 200);
    const { challenge } = await ask(visitor, PORTAL.door);
    const passkey = await device.use({ ...ASKED, challenge });
    const next = "/portal/password";
    assert.equal(whereTo(await visitor.post(PORTAL.door, { passkey, next })), next);
    assert.equal((await visitor.get("/portal")).status, 200);
  });

  it("refuses whatever is forged, in the same words, and notes it", async () => {
    const { device } = await add(await enter(), PORTAL);
    const other = await add(await enter("lukasz.w"), PORTAL);
    const forged: Record<string, Forged> = {
      "wrong origin": { origin: "https://evil.example" },
      "wrong port": { origin: "http://localhost:8001" },
      "wrong address": { rpId: "evil.example" },
      "user not verified": { verified: false },
      "wrong challenge": { challenge: "AAAA" },
      "challenge of the office": {
        challenge: (await ask(new Visitor(office), OFFICE.door)).challenge,
      },
      "made, not used": { type: "webauthn.create" },
      "another's handle": { userHandle: other.device.userHandle },
      "no handle": { userHandle: "" },
      "another's credential": { credentialId: other.device.credentialId },
    };
    const said = new Set<string>();
    for (const [why, how] of Object.entries(forged)) {
      await sql`delete from throttles`;
      const visitor = new Visitor(office);
      const { challenge } = await ask(visitor, PORTAL.door);
      const passkey = await device.use({ ...ASKED, challenge }, how);
      const response = await visitor.post(PORTAL.door, { passkey });
      assert.equal(response.status, 422, why);
      said.add(await response.text());
      assert.equal(visitor.cookies.get("portal"), undefined, why);
      assert.equal((await newest()).outcome, "passkey refused", why);
    }
    assert.equal((await newest()).username, "lukasz.w", "it is noted of whose passkey was claimed");
    const unknown = await use(await Authenticator.open(), PORTAL);
    assert.equal(unknown.to, "422");
    assert.equal(said.size, 1);
  });

  it("takes an answer once, also of twenty at the same moment", async () => {
    const { device } = await add(await enter(), PORTAL);
    const { challenge } = await ask(new Visitor(office), PORTAL.door);
    const passkey = await device.use({ ...ASKED, challenge });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => new Visitor(office).post(PORTAL.door, { passkey })),
    );
    assert.equal(answers.filter((answer) => answer.status === 303).length, 1);
    assert.equal((await new Visitor(office).post(PORTAL.door, { passkey })).status, 422);
  });

  it("takes no challenge after five minutes, nor a changed one", async () => {
    const { device } = await add(await enter(), PORTAL);
    const { challenge } = await ask(new Visitor(office), PORTAL.door);
    const bytes = Uint8Array.fromBase64(challenge, { alphabet: "base64url" });
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    const changed = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
    const one = await device.use({ ...ASKED, challenge: changed });
    assert.equal((await new Visitor(office).post(PORTAL.door, { passkey: one })).status, 422);
    const late = await device.use({ ...ASKED, challenge });
    office.clock.move(5.1);
    assert.equal((await new Visitor(office).post(PORTAL.door, { passkey: late })).status, 422);
  });

  it("notices a counter that went back, and one that stands still", async () => {
    const { device } = await add(await enter(), PORTAL);
    assert.equal((await use(device, PORTAL, { counter: 7 })).to, "/portal");
    const before_ = await audited("refuse copied passkey");
    for (const counter of [7, 3, 0]) {
      assert.equal((await use(device, PORTAL, { counter })).to, "422", String(counter));
    }
    assert.equal(await audited("refuse copied passkey"), before_ + 3);
    assert.equal((await newest()).outcome, "passkey refused");
    assert.equal((await use(device, PORTAL, { counter: 8 })).to, "/portal");
    await sql`update passkeys set counter = 0`;
    assert.equal(
      (await use(device, PORTAL, { counter: 0 })).to,
      "/portal",
      "one that never counts",
    );
  });

  it("stays shut for a logon that is suspended, expired or deleted", async () => {
    const { device } = await add(await enter(), PORTAL);
    await sql`update logons set suspended_at = now() where username = ${AMA}`;
    assert.equal((await use(device, PORTAL)).to, "422");
    assert.equal((await newest()).outcome, "suspended");
    await sql`update logons set suspended_at = null, expires_on = '2020-01-01' where username = ${AMA}`;
    assert.equal((await use(device, PORTAL)).to, "422");
    assert.equal((await newest()).outcome, "expired");
    await sql`update logons set expires_on = null, deleted_at = now() where username = ${AMA}`;
    assert.equal((await use(device, PORTAL)).to, "422");
    assert.equal((await newest()).outcome, "deleted");
    await sql`update logons set deleted_at = null where username = ${AMA}`;
    assert.equal((await use(device, PORTAL)).to, "/portal");
  });

  it("leads first to a password of one's own where somebody else chose it", async () => {
    const { device } = await add(await enter(), PORTAL);
    const temporary = sql`update logon_passwords set temporary = true, expires_at = '2020-01-01'
      where logon_id = (select id from logons where username = ${AMA})`;
    await temporary;
    const { visitor, to } = await use(device, PORTAL);
    assert.equal(to, "/portal/password");
    assert.equal(whereTo(await visitor.get("/portal")), "/portal/password");
    await sql`update logon_passwords set temporary = false, expires_at = null
      where logon_id = (select id from logons where username = ${AMA})`;
  });

  it("is not open to a passkey of the office, nor the office to a parent's", async () => {
    const parents = await add(await enter(), PORTAL);
    const admins = await add(await signIn(office), OFFICE);
    assert.equal((await use(admins.device, PORTAL)).to, "422");
    assert.equal((await use(parents.device, OFFICE)).to, "422");
  });
});

describe("the key icon's window", () => {
  async function change(visitor: Visitor, change: string): Promise<Response> {
    const [row] = await sql<{ id: number }[]>`select id from logons where username = ${AMA}`;
    const fields = { change, checked: "known voice", reason: "asked for" };
    return await visitor.post(`/logons/${row?.id}/tfa`, fields);
  }

  it("says how many there are, and “lost phone” removes them with their sessions", async () => {
    const parent = await enter();
    const { device } = await add(parent, PORTAL);
    await add(parent, PORTAL);
    const admin = await signIn(office);
    const [row] = await sql<{ id: number }[]>`select id from logons where username = ${AMA}`;
    for (const tfa of ["off", "required"]) {
      await sql`update logons set tfa = ${tfa} where username = ${AMA}`;
      const text = await (await admin.piece(`/logons/${row?.id}/tfa`)).text();
      assert.match(text, /one of their 2 passkeys/);
      const lost = await (await admin.piece(`/logons/${row?.id}/tfa?for=lost-phone`)).text();
      assert.match(lost, /All 2 passkeys are\s+removed as well/);
    }
    await sql`update logons set tfa = 'off' where username = ${AMA}`;
    assert.equal((await change(admin, "remove passkeys")).status, 303);
    assert.equal(await stored(), 0);
    assert.equal((await use(device, PORTAL)).to, "422");
    assert.match(whereTo(await parent.get("/portal")), /sign-in/);
    const [notice] = await sql`select kind from notices order by id desc limit 1`;
    assert.equal(notice?.["kind"], "passkeys removed");
    assert.equal((await change(admin, "remove passkeys")).status, 409, "twice");
  });

  it("leaves them where something else is changed", async () => {
    await add(await enter(), PORTAL);
    const admin = await signIn(office);
    assert.equal((await change(admin, "require")).status, 303);
    assert.equal((await change(admin, "do not require")).status, 303);
    assert.equal(await stored(), 1);
  });
});

describe("the office's door", () => {
  it("opens to a passkey alone, and the audit says by what", async () => {
    const { device } = await add(await signIn(office, "frontdesk"), OFFICE);
    const { visitor, to } = await use(device, OFFICE);
    assert.equal(to, "/logons");
    assert.equal((await visitor.get("/logons")).status, 200);
    const [audit] = await sql`
      select who, after from audit where what = 'sign in' order by id desc limit 1`;
    assert.deepEqual({ ...audit }, { who: "Femi Adeyemi", after: { by: "passkey" } });
  });

  it("stays shut for a suspended admin and for what is forged, and the audit says so", async () => {
    const { device } = await add(await signIn(office, "frontdesk"), OFFICE);
    const before_ = await audited("refuse passkey");
    for (
      const how of [{ verified: false }, { origin: "https://evil.example" }, { challenge: "AA" }]
    ) {
      assert.equal((await use(device, OFFICE, how)).to, "422");
    }
    await sql`update admins set suspended_at = now() where username = 'frontdesk'`;
    assert.equal((await use(device, OFFICE)).to, "422");
    assert.equal(await audited("refuse passkey"), before_ + 4);
  });

  it("makes an address wait that tries many", async () => {
    const { device } = await add(await enter(), PORTAL);
    for (let n = 0; n < 100; n++) await new Visitor(office).post(PORTAL.door, { passkey: "{}" });
    assert.equal((await use(device, PORTAL)).to, "422");
    office.clock.move(1.1);
    assert.equal((await use(device, PORTAL)).to, "/portal");
  });
});
