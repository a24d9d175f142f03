// A forgotten password or username: the same answer for everybody, a link that works once, and two factor authentication untouched.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Sql, transaction } from "../../db/connect.ts";
import { confirmSecret } from "../../db/tfa.ts";
import { sendDueNotices } from "../../jobs/notices.ts";
import { openKeys } from "../../lib/keys.ts";
import type { MailOutcome, OutgoingMail } from "../../lib/mail.ts";
import { createApp } from "../../routes/mod.ts";
import { documentOf, type Office, openOffice, signIn, Visitor } from "../office.ts";

const OWN = "demo-parent-2026";
const CHOSEN = "copper kettle harbour";

let office: Office;
let sql: Sql;
const mails: OutgoingMail[] = [];
const mailer = {
  send(mail: OutgoingMail): Promise<MailOutcome> {
    mails.push(mail);
    return Promise.resolve({ state: "accepted", answer: "250 ok" });
  },
  close: () => {},
};
let id = 0;
let username = "";
let address = "";

before(async () => {
  const opened = await openOffice();
  const { hasher } = opened.services;
  const services = {
    ...opened.services,
    hasher: {
      ...hasher,
      // The lowest cost there is, and no mailed passwords: a test waits for nothing.
      hash: (password: string) => hasher.hash(password, 4),
      verifyGenerated: () => Promise.resolve(false),
    },
  };
  office = { ...opened, services, app: createApp(services) };
  sql = services.sql;
});
after(() => office.close());
beforeEach(async () => {
  await sql`delete from throttles`;
  await sql`delete from notices`;
  mails.length = 0;
  username = `zoe.${crypto.randomUUID()}`;
  address = `${username}@example.org`;
  const hash = await office.services.hasher.hash(OWN, 4);
  const [row] = await sql<[{ id: number }]>`
    insert into logons (first_name, surname, username, email)
    values ('Zoë', 'Aalto', ${username}, ${address}) returning id`;
  id = row.id;
  await sql`
    insert into logon_passwords (logon_id, hash, temporary) values (${id}, ${hash}, false)`;
});

function visitor(ip?: string): Visitor {
  return new Visitor(office, ip);
}

async function forgot(
  what: "password" | "username",
  typed: string,
  who = visitor(),
): Promise<Response> {
  return await who.post(`/portal/forgot-${what}`, { typed });
}

/** Sends what waits, as the worker does, and gives the mails. */
async function postman(): Promise<OutgoingMail[]> {
  const before_ = mails.length;
  while (await sendDueNotices(office.services, mailer) > 0);
  return mails.slice(before_);
}

function linkOf(mail: OutgoingMail | undefined): string {
  const found = /^http:\/\/localhost:8000(\/portal\/new-password\?link=[\w-]{43})$/m
    .exec(mail?.text ?? "")?.[1];
  assert.ok(found, "the mail says the link alone on a line");
  assert.ok(mail?.html.includes(`href="http://localhost:8000${found}"`));
  return found;
}

async function mailedLink(): Promise<string> {
  await forgot("password", username);
  const sent = await postman();
  return linkOf(sent.find((mail) => mail.subject.startsWith("Choose a new password")));
}

function tokenOf(link: string): string {
  return new URL(link, "http://localhost").searchParams.get("link") ?? "";
}

async function choose(link: string, chosen = CHOSEN, who = visitor()): Promise<Response> {
  return await who.post("/portal/new-password", { link: tokenOf(link), chosen });
}

async function works(link: string): Promise<boolean> {
  const answer = await visitor().get(link);
  await answer.body?.cancel();
  return answer.status === 200;
}

async function enter(password: string, who = visitor()): Promise<string> {
  const answer = await who.post("/portal/sign-in", { username, password });
  await answer.body?.cancel();
  return answer.headers.get("location") ?? String(answer.status);
}

async function setUpTfa(): Promise<void> {
  const secret = await office.services.keys.sealer("totp secret")
    .seal(new Uint8Array(20), String(id));
  const confirmed = { secret, step: 1, at: office.clock.now() };
  await transaction(
    sql,
    (tx) => confirmSecret(tx, { logonId: id }, confirmed, [new Uint8Array(32)]),
  );
}

describe("a forgotten password", () => {
  it("is offered where one signs in", async () => {
    const page = await documentOf(await visitor().get("/portal/sign-in"));
    for (const what of ["password", "username"]) {
      assert.ok(page.querySelector(`a[href="/portal/forgot-${what}"]`), what);
    }
  });

  it("is not mailed where somebody reads it who is blocked from one of the learners, and the office is told why", async () => {
    const [child] = await sql<[{ id: number }]>`
      insert into learners (admission_number, first_name, surname, status)
      values (${username.slice(0, 20)}, 'Ida', 'Aalto', 'Current') returning id`;
    await sql`insert into logon_learners (logon_id, learner_id) values (${id}, ${child.id})`;
    const [other] = await sql<[{ id: number }]>`
      insert into logons (first_name, surname, username, email)
      values ('Per', 'Aalto', ${`per.${username}`}, ${address}) returning id`;
    assert.ok(await mailedLink());
    await sql`delete from throttles`;
    await sql`delete from notices`;
    mails.length = 0;
    await sql`
      insert into blocks (learner_id, logon_id, reason) values (${child.id}, ${other.id}, 'court order')`;
    const answer = await visitor().post("/portal/forgot-password", { typed: address });
    assert.equal(answer.status, 303);
    await answer.body?.cancel();
    const [told] = await sql<[{ count: number }]>`
      select count(*)::int as count from notices where logon_id = ${id}`;
    assert.equal(told.count, 0);
    const window = await (await (await signIn(office)).get(`/logons/${id}/access`)).text();
    assert.match(window, /also that of somebody who is blocked/);
  });

  it("is replaced by a link from the mail, and everything from before ends", async () => {
    const old = visitor();
    await enter(OWN, old);
    assert.equal((await old.get("/portal")).status, 200);
    const link = await mailedLink();
    const page = await documentOf(await visitor().get(link));
    const fields = [...page.querySelectorAll("input")].map((field) =>
      field.getAttribute("autocomplete")
    ).filter(Boolean);
    assert.deepEqual(fields, ["username", "new-password"]);
    const answer = await choose(link);
    assert.equal(answer.headers.get("location"), "/portal/sign-in?changed=password");
    assert.deepEqual(answer.headers.getSetCookie(), [], "nobody is signed in by a link");
    assert.match(
      await (await visitor().get("/portal/sign-in?changed=password")).text(),
      /Your password was changed\. Sign in with the new one\./,
    );
    assert.equal((await old.get("/portal")).status, 303, "sessions end");
    assert.equal(await enter(OWN), "422");
    assert.equal(await enter(CHOSEN), "/portal");
    const [told, ...others] = await postman();
    assert.equal(others.length, 0);
    assert.equal(told?.to, address);
    assert.match(told?.subject ?? "", /password.*was changed/);
    const audit = await sql`
      select who, what, after from audit where subject = 'logon' and subject_id = ${id} order by id`;
    assert.deepEqual(audit.map((row) => ({ ...row })), [
      { who: "the portal", what: "mail a password link", after: null },
      { who: "Zoë Aalto", what: "choose password by a mailed link", after: null },
    ]);
  });

  it("changes nothing by a look at the link, as mail scanners have", async () => {
    const link = await mailedLink();
    for (let n = 0; n < 3; n++) assert.ok(await works(link));
    assert.equal((await visitor().ask(link, { method: "HEAD", headers: {} })).status, 200);
    assert.equal(await enter(OWN), "/portal");
    assert.equal((await choose(link)).status, 303);
  });

  it("is changed once by a link, also by two at the same moment", async () => {
    const link = await mailedLink();
    const answers = await Promise.all(
      [CHOSEN, "velvet anchor thistle"].map((chosen) => choose(link, chosen)),
    );
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [303, 404]);
    const again = await choose(link, "marble window sparrow");
    assert.equal(again.status, 404);
    assert.match(await again.text(), /works once and for 30 minutes/);
    assert.ok(!await works(link));
  });

  it("keeps the rules for passwords, and the link works on", async () => {
    const link = await mailedLink();
    for (
      const [chosen, sentence] of [
        ["", /at least 12/],
        ["passwordpassword", /guessed first/],
        ["my aalto home now", /Leave out names/],
        [OWN, /the password you have now/],
        ["copper\0kettle harbour", /cannot be typed/],
        ["x".repeat(10_000), /at most 72/],
      ] as const
    ) {
      const answer = await choose(link, chosen);
      assert.equal(answer.status, 422, chosen.slice(0, 20));
      assert.match(await answer.text(), sentence);
    }
    assert.equal((await choose(link)).status, 303);
  });

  it("has a link for 30 minutes", async () => {
    const link = await mailedLink();
    office.clock.move(29);
    assert.ok(await works(link));
    office.clock.move(1);
    assert.ok(!await works(link));
    assert.equal((await choose(link)).status, 404);
    assert.equal(await enter(OWN), "/portal");
  });

  it("has one link: a newer one supersedes it, and so does every other change of the password", async () => {
    const first = await mailedLink();
    const second = await mailedLink();
    assert.ok(!await works(first));
    assert.ok(await works(second));
    const inside = visitor();
    await enter(OWN, inside);
    const changed = await inside.post("/portal/password", { current: OWN, chosen: CHOSEN });
    assert.equal(changed.status, 303);
    assert.ok(!await works(second), "the parent changed it");
    const third = await mailedLink();
    const hash = await office.services.hasher.hash("office-typed-it", 4);
    await sql`update logon_passwords set hash = ${hash} where logon_id = ${id}`;
    assert.ok(!await works(third), "the office changed it");
  });

  it("has a link that is decided again when it is used", async () => {
    const { clock } = office;
    const yesterday = new Date(clock.now().getTime() - 86_400_000).toISOString().slice(0, 10);
    const changes = [
      () => sql`update logons set suspended_at = now() where id = ${id}`,
      () => sql`update logons set deleted_at = now() where id = ${id}`,
      () => sql`update logons set expires_on = ${yesterday} where id = ${id}`,
      () => sql`update logons set email = 'somebody.else@example.org' where id = ${id}`,
      () => sql`update logons set email = null where id = ${id}`,
    ];
    for (const [n, change] of changes.entries()) {
      await sql`delete from throttles`;
      const link = await mailedLink();
      await change();
      assert.ok(!await works(link), `way ${n + 1}`);
      assert.equal((await choose(link)).status, 404, `way ${n + 1}`);
      await sql`
        update logons set suspended_at = null, deleted_at = null, expires_on = null, email = ${address}
         where id = ${id}`;
      await sql`update logons set email_unchecked = false where id = ${id}`;
    }
    assert.equal(await enter(OWN), "/portal");
  });

  it("sends nothing to an email that was changed and that nobody has vouched for", async () => {
    const changed = `changed.${id}@example.org`;
    const link = await mailedLink();
    await sql`update logons set email = ${changed} where id = ${id}`;
    await forgot("password", username);
    await forgot("username", changed);
    assert.equal((await postman()).length, 0);
    assert.ok(!await works(link));
    await sql`update logons set email_unchecked = false where id = ${id}`;
    await forgot("password", username);
    assert.deepEqual((await postman()).map((mail) => mail.to), [changed]);
  });

  it("is mailed as the same link where the mail is sent again, and nothing but its hash is stored", async () => {
    await forgot("password", username);
    const [row] = await sql<{ id: number }[]>`select id from notices`;
    const [first] = await postman();
    await sql`
      update notices set state = 'unknown', settled_at = null where id = ${row?.id ?? 0}`;
    const [second] = await postman();
    assert.equal(first?.text, second?.text);
    assert.equal(first?.id, second?.id, "under the same Message-ID");
    const token = tokenOf(linkOf(first));
    const found = await sql`
      select 1 from password_links t where t::text like ${`%${token}%`}
      union all select 1 from notices t where t::text like ${`%${token}%`}
      union all select 1 from audit t where t::text like ${`%${token}%`}`;
    assert.equal(found.length, 0);
    await visitor().get(linkOf(first));
    assert.ok(office.logged.every((line) => !line.includes(token)));
  });

  it("is mailed as the same link while the server key is being replaced, and not at all after that", async () => {
    const { keys } = office.services;
    const secret = (fill: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(fill);
    const replaced = { ...office.services, keys: openKeys(secret(8), secret(7)) };
    const forgotten = { ...office.services, keys: openKeys(secret(8)) };
    assert.equal(await keys.print(), await openKeys(secret(7)).print());
    await forgot("password", username);
    await sendDueNotices(replaced, mailer);
    assert.ok(await works(linkOf(mails.pop())));
    await forgot("password", username);
    await sendDueNotices(forgotten, mailer);
    assert.equal(mails.length, 0);
  });

  it("is not mailed once the link would be over or superseded", async () => {
    await forgot("password", username);
    await forgot("password", username);
    assert.equal((await postman()).length, 1, "only the newer one");
    await forgot("password", username);
    office.clock.move(31);
    assert.equal((await postman()).length, 0);
  });

  it("never removes, skips or binds anew two factor authentication", async () => {
    await setUpTfa();
    const [before_] = await sql`select * from totp_secrets where logon_id = ${id}`;
    const link = await mailedLink();
    assert.equal((await choose(link)).status, 303);
    const who = visitor();
    assert.equal(await enter(CHOSEN, who), "/portal/tfa/code?next=");
    assert.equal((await who.get("/portal")).headers.get("location"), "/portal/tfa/code");
    const [after_] = await sql`select * from totp_secrets where logon_id = ${id}`;
    assert.deepEqual(after_, before_);
  });

  it("ends the wait for wrong passwords, never the one for wrong codes", async () => {
    await setUpTfa();
    const who = visitor();
    await enter(OWN, who);
    for (let n = 0; n < 5; n++) await who.post("/portal/tfa/code", { code: "000000" });
    for (let n = 0; n < 5; n++) await enter("wrong");
    const doors = async (): Promise<string[]> => {
      const rows = await sql<{ door: string }[]>`
        select door from throttles where logon_id = ${id} and waits_until > ${office.clock.now()} order by door`;
      return rows.map((row) => row.door);
    };
    assert.deepEqual(await doors(), ["code", "portal"]);
    assert.equal((await choose(await mailedLink())).status, 303);
    assert.deepEqual(await doors(), ["code"]);
  });

  it("helps whoever has a temporary password, or none yet", async () => {
    await sql`
      update logon_passwords set temporary = true, expires_at = now() - interval '1 day' where logon_id = ${id}`;
    assert.equal((await choose(await mailedLink())).status, 303);
    assert.equal(await enter(CHOSEN), "/portal");
    await sql`delete from logon_passwords where logon_id = ${id}`;
    assert.equal((await choose(await mailedLink())).status, 303);
    assert.equal(await enter(CHOSEN), "/portal");
  });

  it("is asked for by the email too; several who share it get a link each", async () => {
    const shared = `shared.${crypto.randomUUID()}@example.org`;
    await sql`
      insert into logons (first_name, surname, username, email)
      values ('Ann', 'Lee', ${`ann.${id}`}, ${shared}), ('Ben', 'Lee', ${`ben.${id}`}, ${shared})`;
    await forgot("password", shared.toUpperCase());
    const sent = (await postman()).sort((one, other) => one.text < other.text ? -1 : 1);
    assert.deepEqual(sent.map((mail) => mail.to), [shared, shared]);
    assert.match(sent[0]?.text ?? "", new RegExp(`username ann\\.${id}\\.`));
    assert.match(sent[1]?.text ?? "", new RegExp(`username ben\\.${id}\\.`));
    assert.notEqual(linkOf(sent[0]), linkOf(sent[1]));
  });
});

describe("whatever is typed", () => {
  const unhelpful: readonly (readonly [string, string])[] = [
    ["an unknown username", "nobody.at.all"],
    ["an unknown email", "nobody@example.org"],
    ["a suspended logon", "declan.oconnor"],
    ["an expired logon", "ioana.popescu"],
    ["a deleted logon", "marek.kowalczyk"],
    ["a logon without an email", "fatima.ar"],
    ["markup", "<b>bold</b>"],
    ["NUL and half a character", "\0x\ud800"],
    ["4-byte characters", "🦊".repeat(50)],
    ["10 KB of text", "x".repeat(10_240)],
  ];

  for (const what of ["password", "username"] as const) {
    it(`is answered alike for a forgotten ${what}, byte for byte, and sends nothing`, async () => {
      const answers = new Set<string>();
      const typed = what === "password" ? username : address;
      for (const [name, text] of [["a known one", typed] as const, ...unhelpful]) {
        const answer = await forgot(what, text);
        assert.equal(answer.status, 303, name);
        const location = answer.headers.get("location") ?? "";
        const headers = [...answer.headers].filter(([key]) => key !== "x-request-id");
        const page = await visitor().get(location);
        answers.add(JSON.stringify([answer.status, headers, await page.text()]));
      }
      assert.equal(answers.size, 1);
      const sent = await postman();
      assert.deepEqual(sent.map((mail) => mail.to), [address]);
    });
  }

  it("asks for something, kindly, and takes a body that is no form", async () => {
    for (const what of ["password", "username"] as const) {
      for (const typed of ["", "   ", "\0"]) {
        const answer = await forgot(what, typed);
        assert.equal(answer.status, 422);
        const page = await documentOf(answer);
        assert.match(page.querySelector("#field-typed-problem")?.textContent ?? "", /^Enter your/);
        assert.match(page.title, /^Error: /);
      }
      const answer = await visitor().ask(`/portal/forgot-${what}`, {
        method: "POST",
        body: "{}",
        headers: { origin: "http://localhost:8000", "content-type": "application/json" },
      });
      assert.equal(answer.status, 422);
    }
  });

  it("is never stored where it is unknown", async () => {
    const typed = "my-secret-password-in-the-wrong-field";
    await forgot("password", typed);
    await forgot("username", typed);
    const found = await sql`
      select 1 from throttles t where t::text like ${`%${typed}%`}
      union all select 1 from notices t where t::text like ${`%${typed}%`}
      union all select 1 from audit t where t::text like ${`%${typed}%`}`;
    assert.equal(found.length, 0);
    assert.ok(office.logged.every((line) => !line.includes(typed)));
  });

  it("counts an unknown username as it does a known one", async () => {
    const [before_] = await sql<[{ n: number }]>`select count(*)::int as n from throttles`;
    await forgot("password", "nobody.at.all");
    const [unknown] = await sql<[{ n: number }]>`select count(*)::int as n from throttles`;
    await forgot("password", username);
    const [known] = await sql<[{ n: number }]>`select count(*)::int as n from throttles`;
    assert.deepEqual([before_.n, unknown.n, known.n], [0, 2, 3], "the address and each name");
  });

  it("fills nobody's mailbox: three mails in a row, then a wait that tells nothing", async () => {
    for (let n = 0; n < 6; n++) {
      const answer = await forgot("password", n % 2 === 0 ? username : address, visitor(`::${n}`));
      assert.equal(answer.headers.get("location"), "/portal/forgot-password/sent");
    }
    const sentNow = await postman();
    assert.equal(sentNow.length, 1, "the two before were superseded before they were sent");
    const [links] = await sql<[{ n: number }]>`
      select count(*)::int as n from password_links where logon_id = ${id}`;
    assert.equal(links.n, 3);
    office.clock.move(21);
    await forgot("password", username);
    assert.equal((await postman()).length, 1);
    for (let n = 0; n < 6; n++) await forgot("username", address, visitor(`::${n}`));
    assert.equal((await postman()).length, 3);
    const locked = await sql`select from throttles where logon_id = ${id}`;
    assert.equal(locked.length, 0, "it is no wait to sign in");
  });

  it("makes an address wait that asks a hundred times, and says so", async () => {
    await Promise.all(Array.from({ length: 100 }, (_, n) => forgot("password", `nobody.${n}`)));
    const answer = await forgot("password", username);
    assert.equal(answer.status, 422);
    assert.match(await answer.text(), /Many such emails were asked for from your network/);
    assert.equal((await postman()).length, 0);
    await forgot("password", username, visitor("198.51.100.7"));
    assert.equal((await postman()).length, 1);
  });

  it("is no link where it is nonsense", async () => {
    for (const link of ["", "x", "\0", "x".repeat(10_240), "<b>", "%F0%9F%A6%8A", "%ED%A0%80"]) {
      const answer = await visitor().get(`/portal/new-password?link=${encodeURI(link)}`);
      assert.equal(answer.status, 404);
      await answer.body?.cancel();
      const posted = await visitor().post("/portal/new-password", { link, chosen: CHOSEN });
      assert.equal(posted.status, 404);
      assert.match(await posted.text(), /This link does not work any more/);
    }
  });
});

describe("a forgotten username", () => {
  it("is mailed to the address that the school has", async () => {
    await forgot("username", address.toUpperCase());
    const [mail] = await postman();
    assert.equal(mail?.to, address);
    assert.match(mail?.text ?? "", /^Dear Zoë Aalto,$/m);
    assert.ok(mail?.text.includes(`Zoë Aalto: ${username}`));
  });

  it("comes in one mail that names each, where several share a mailbox", async () => {
    const shared = `shared.${crypto.randomUUID()}@example.org`;
    await sql`
      insert into logons (first_name, surname, username, email, suspended_at)
      values ('Ben', 'Lee', ${`ben.${id}`}, ${shared}, null), ('Ann', 'Lee', ${`ann.${id}`}, ${shared}, null),
             ('Cat', 'Lee', ${`cat.${id}`}, ${shared}, now())`;
    await forgot("username", shared);
    const sent = await postman();
    assert.deepEqual(sent.map((mail) => mail.to), [shared]);
    assert.match(sent[0]?.text ?? "", /^Dear parent or carer,$/m);
    assert.match(sent[0]?.text ?? "", new RegExp(`Ann Lee: ann\\.${id}\n\nBen Lee: ben\\.${id}`));
    assert.doesNotMatch(sent[0]?.text ?? "", /Cat/, "who may not sign in is not named");
  });
});
