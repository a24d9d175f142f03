// Why can't they log in: the window, what it offers to whom, and the buttons that mend something at once.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { takeTry } from "../../db/throttles.ts";
import { addZoe } from "../logons.ts";
import { documentOf, type Office, openOffice, PIECE, signIn, Visitor } from "../office.ts";

let office: Office;
let sql: Sql;
let admin: Visitor;
let id = 0;

before(async () => {
  office = await openOffice();
  sql = office.services.sql;
});
after(() => office.close());
beforeEach(async () => {
  id = await addZoe(sql);
  await sql`
    insert into logon_learners (logon_id, learner_id) select ${id}, id from learners where admission_number = '004305'`;
  admin = await signIn(office, "frontdesk");
});

async function windowNow(visitor: Visitor = admin): Promise<Element> {
  const answer = await visitor.piece(`/logons/${id}/access`);
  assert.equal(answer.status, 200);
  const page = await documentOf(answer);
  assert.equal(page.querySelector("h2")?.textContent, "Why can’t they log in?");
  assert.ok(page.body);
  return page.body;
}

function main(shown: Element): string {
  return shown.querySelector(".access-reason.main")?.textContent?.replace(/\s+/g, " ") ?? "";
}

/** Labels of the buttons and links that mend something, in order. */
function mends(shown: Element): string[] {
  return [...shown.querySelectorAll(".access-reason .button")].map((one) => one.textContent ?? "");
}

async function lock(): Promise<void> {
  const until = new Date(office.clock.now().getTime() + 4 * 60_000);
  await sql`
    insert into throttles (door, kind, key, logon_id, failures, waits_until, last_at)
    values ('portal', 'name', ${
    crypto.getRandomValues(new Uint8Array(32))
  }, ${id}, 7, ${until}, ${office.clock.now()})`;
}

const HASH = "$2b$10$7ZmbJH42Jg5TmYeJT2OeWegnYf4BiJ0XG55MktUE9B5jNLWrVsMC2";

async function addMail(state: string, answer: string, settled = true): Promise<void> {
  const at = office.clock.now();
  await sql`
    insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, answer, due_at, settled_at)
    values (${id}, ${at}, 'Zoë Aalto', 'zoe', 'zoe.aalto@example.org', false, ${state}, ${answer},
            ${new Date(at.getTime() + 20 * 60_000)}, ${settled ? at : null})`;
}

describe("the window", () => {
  it("says that nothing stands in the way, and how they last signed in", async () => {
    await sql`update logons set sign_in_count = 1, last_sign_in_at = '2026-11-23T08:12:00Z' where id = ${id}`;
    const shown = await windowNow();
    assert.match(
      main(shown),
      /Nothing stands in the way. They last signed in on 23 November 2026, 08:12/,
    );
    assert.deepEqual(mends(shown), []);
  });

  it("is on top of the list without script too, for a deleted logon as well", async () => {
    await sql`update logons set deleted_at = ${office.clock.now()} where id = ${id}`;
    const page = await documentOf(await admin.get(`/logons/${id}/access`));
    assert.ok(page.querySelector("#logons"));
    const window = page.querySelector("dialog[open]");
    assert.ok(window);
    assert.match(main(window), /deleted on 24 November 2026/);
    assert.equal(
      window.querySelector("form")?.getAttribute("action"),
      `/logons/${id}/restoration`,
    );
  });

  it("says first of all that the portal is closed, with its message, and leads who may to Settings", async () => {
    await sql`
      insert into settings (name, value) values ('portal', '"closed"'), ('portal_message', '"Back on Monday."')`;
    assert.match(
      main(await windowNow()),
      /closed for everybody.*Back on Monday\..*An administrator opens it/,
    );
    assert.deepEqual(mends(await windowNow()), []);
    const shown = await windowNow(await signIn(office));
    assert.deepEqual(mends(shown), ["Open Settings"]);
    await sql`delete from settings where name in ('portal', 'portal_message')`;
  });

  it("has each reason's sentence with the button that mends it", async () => {
    const { clock } = office;
    await sql`delete from logon_passwords where logon_id = ${id}`;
    let shown = await windowNow();
    assert.match(main(shown), /no password yet/);
    assert.deepEqual(mends(shown), ["Email login details"]);
    await addMail("refused", "550 5.1.1 <b>no such mailbox</b>");
    shown = await windowNow();
    assert.match(main(shown), /was refused: to zoe\.aalto@example\.org/);
    assert.match(main(shown), /The mail server said: 550 5\.1\.1 <b>no such mailbox<\/b>/);
    assert.deepEqual(mends(shown), ["Correct the email"]);
    await addMail("deferred", "451 try later", false);
    assert.match(main(await windowNow()), /tried again at 10:20.*451 try later/);
    await sql`delete from credential_mails where logon_id = ${id}`;
    await addMail("unknown", "");
    await sql`update credential_mails set pending_hash = ${HASH} where logon_id = ${id}`;
    assert.match(main(await windowNow()), /If it arrived, its password works/);
    await sql`update credential_mails set username = 'zoe', address = 'old@example.org' where logon_id = ${id}`;
    assert.match(main(await windowNow()), /does not work any more/);
    await sql`
      update credential_mails set state = 'bounced', bounced_at = settled_at, bounce_words = 'mailbox full', answer = '250 Ok'
       where logon_id = ${id}`;
    assert.match(
      main(await windowNow()),
      /came back:.*do not have its password.*said: mailbox full/,
    );
    assert.doesNotMatch(main(await windowNow()), /250 Ok/);
    await sql`delete from credential_mails where logon_id = ${id}`;
    await addMail("queued", "", false);
    await sql`
      with task as (
        insert into tasks (kind, title, facts, state, pause_asked_at) values ('credential mails', 'Reset', '{}', 'paused', now())
        returning id
      ) update credential_mails set task_id = task.id from task where logon_id = ${id}`;
    assert.match(main(await windowNow()), /its task was paused/);
    await sql`delete from tasks where title = 'Reset'`;
    await sql`delete from credential_mails where logon_id = ${id}`;
    await sql`
      insert into logon_passwords (logon_id, hash, temporary, expires_at)
      values (${id}, ${"$2b$04$" + "a".repeat(53)}, true, ${clock.now()})`;
    shown = await windowNow();
    assert.match(main(shown), /temporary password expired on 24 November 2026, 10:00/);
    assert.deepEqual(mends(shown), ["Send a new one"]);
    await sql`update logons set expires_on = '2026-11-20', tfa = 'required' where id = ${id}`;
    shown = await windowNow();
    assert.match(main(shown), /its last day was 20 November 2026/);
    assert.deepEqual(mends(shown), [
      "Set another date",
      "Send a new one",
      "Two factor authentication",
    ]);
    assert.match((await windowNow()).textContent ?? "", /required and not set up yet/);
    await sql`
      insert into passkeys (logon_id, place, name, credential_id, public_key, user_handle, counter, synced, created_at)
      values (${id}, 1, 'Phone', 'a', decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), 0, false, now())`;
    assert.match((await windowNow()).textContent ?? "", /they have a passkey: the portal asks/);
    await sql`update logons set email = null where id = ${id}`;
    assert.deepEqual(mends(await windowNow())[1], "Print a letter");
  });

  it("says that the code of a letter does not work before it is confirmed, and leads to where that is done", async () => {
    const { clock } = office;
    const at = clock.now();
    const [task] = await sql<[{ id: number }]>`
      insert into tasks (kind, title, admin_id, state)
      select 'letters', 'Letter to Zoë Aalto', min(id), 'needs review' from admins returning id`;
    const [letter] = await sql<[{ id: number }]>`
      insert into credential_mails (kind, task_id, logon_id, asked_at, name, username, enable_tfa, state, pending_hash,
                                    due_at, expires_at)
      values ('letter', ${task.id}, ${id}, ${at}, 'Zoë Aalto', 'zoe', false, 'queued', ${
      "$2b$04$" + "a".repeat(53)
    }, ${at}, ${new Date(at.getTime() + 30 * 86_400_000)}) returning id`;
    let shown = await windowNow();
    assert.match(main(shown), /A letter with a code was made on .*has not been printed yet/);
    assert.match(main(shown), /does not work until somebody presses “I have printed them”/);
    const leads = shown.querySelector(".access-reason.main a")?.getAttribute("href");
    assert.equal(leads, `/letters/${task.id}`);
    await sql`update credential_mails set state = 'sending' where id = ${letter.id}`;
    assert.match(main(await windowNow()), /Nobody has said yet that it came out of the printer/);
    await sql`update credential_mails set state = 'accepted', settled_at = ${at} where id = ${letter.id}`;
    await sql`
      insert into logon_passwords (logon_id, hash, temporary, expires_at, set_at)
      values (${id}, ${"$2b$04$" + "a".repeat(53)}, true, ${new Date(
      at.getTime() + 30 * 86_400_000,
    )}, ${at})
      on conflict (logon_id) do update set temporary = true, expires_at = excluded.expires_at, set_at = excluded.set_at`;
    shown = await windowNow();
    assert.match(main(shown), /The code on the letter that was printed on .*has not been used yet/);
    assert.deepEqual(mends(shown), ["Print a letter"]);
  });

  it("tells the last tries in plain words, with device and address", async () => {
    const parent = (outcome: string, agent: string | null) =>
      sql`
      insert into sign_ins (at, logon_id, outcome, ip, user_agent)
      values (${office.clock.now()}, ${id}, ${outcome}, '192.0.2.7', ${agent})`;
    await parent("wrong password", "Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537.36");
    await parent("waiting", "<script>alert(1)</script>");
    const shown = await windowNow();
    const tries = [...shown.querySelectorAll(".ledger li")].map((one) => one.textContent ?? "");
    assert.match(tries[0] ?? "", /had to wait after wrong tries.*unknown device, 192\.0\.2\.7/);
    assert.match(tries[1] ?? "", /wrong password.*Chrome on Windows, 192\.0\.2\.7/);
    assert.match(main(shown), /wrong once \(24 November 2026, 10:00\)/);
    assert.equal(shown.querySelector("script"), null);
  });

  it("says that there is a block to everybody, and why only to who may know", async () => {
    const [learner] = await sql<
      [{ id: number }]
    >`select id from learners where admission_number = '004311'`;
    await sql`insert into blocks (learner_id, logon_id, reason) values (${learner.id}, ${id}, 'A court order of May')`;
    const desk = await windowNow();
    assert.match(main(desk), /do not see Ellie Smith: that link is blocked/);
    assert.doesNotMatch(desk.textContent ?? "", /court order/);
    await sql`update admins set sees_blocks = true where username = 'office'`;
    assert.match(main(await windowNow(await signIn(office))), /A court order of May/);
  });

  it("lets a viewer look, and gives them no button", async () => {
    await lock();
    const viewer = await signIn(office, "viewer");
    assert.match(
      main(await windowNow(viewer)),
      /Locked until 10:04, after 7 wrong passwords in a row/,
    );
    assert.deepEqual(mends(await windowNow(viewer)), []);
    for (const path of ["unlocking", "reinstatement"]) {
      const answer = await viewer.post(`/logons/${id}/${path}`, {}, PIECE);
      assert.equal(answer.status, 403);
      await answer.body?.cancel();
    }
  });

  it("is not there for a logon that is not", async () => {
    for (const wrong of ["0", "x", "999999999999"]) {
      for (const method of ["GET", "POST"]) {
        const path = `/logons/${wrong}/${method === "GET" ? "access" : "unlocking"}`;
        const answer = method === "GET" ? await admin.get(path) : await admin.post(path, {}, PIECE);
        assert.equal(answer.status, 404, path);
        await answer.body?.cancel();
      }
    }
  });
});

describe("its buttons", () => {
  it("unlock the network that they tried from, where too many wrong tries came from it", async () => {
    const { clock, keys } = office.services;
    const ip = "198.51.100.77";
    const key = await keys.fingerprint("throttle portal address", ip);
    for (let tries = 0; tries < 100; tries++) {
      await takeTry(sql, { door: "portal", kind: "address", key }, clock.now());
    }
    const [logon] = await sql<[{ username: string }]>`select username from logons where id = ${id}`;
    const parent = new Visitor(office, ip);
    const fields = { username: logon.username, password: "whatever it is" };
    assert.equal((await parent.post("/portal/sign-in", fields)).status, 422);
    const shown = await windowNow();
    assert.match(
      main(shown),
      /The network that they tried from last waits until .* 100 wrong tries/,
    );
    assert.deepEqual(mends(shown).slice(0, 1), ["Unlock that network"]);
    const answer = await admin.post(`/logons/${id}/network-unlocking`, {}, PIECE);
    assert.match(await answer.text(), /That network is unlocked/);
    assert.doesNotMatch(main(await windowNow()), /network that they tried from/);
    const again = await admin.post(`/logons/${id}/network-unlocking`, {}, PIECE);
    assert.match(await again.text(), /not locked any more/);
    const [deed] = await sql<{ who: string }[]>`
      select who from audit where what = 'unlock address' and subject_id = ${id}`;
    assert.equal(deed?.who, "Femi Adeyemi");
    await sql`delete from sign_ins where logon_id = ${id}`;
    await sql`delete from audit where subject = 'logon' and subject_id = ${id}`;
  });

  it("unlock, once, with an audit row, and the list behind is told", async () => {
    await lock();
    const answer = await admin.post(`/logons/${id}/unlocking`, { query: "?q=aalto" }, PIECE);
    assert.match(answer.headers.get("hx-trigger") ?? "", /logons:changed/);
    const shown = (await documentOf(answer)).body;
    assert.match(shown.querySelector("[role=status]")?.textContent ?? "", /unlocked/);
    assert.match(main(shown), /Nothing stands in the way/);
    const again = await admin.post(`/logons/${id}/unlocking`, {}, PIECE);
    assert.match(await again.text(), /not locked any more/);
    const deeds =
      await sql`select who, what from audit where subject = 'logon' and subject_id = ${id}`;
    assert.deepEqual([...deeds].map((deed) => ({ ...deed })), [
      { who: "Femi Adeyemi", what: "unlock logon" },
    ]);
  });

  it("lift a suspension, without script too", async () => {
    await sql`
      update logons set suspended_at = ${office.clock.now()}, suspended_reason = 'Moved away' where id = ${id}`;
    const shown = await windowNow();
    assert.match(main(shown), /suspended since 24 November 2026, 10:00.*Moved away/);
    const answer = await admin.post(`/logons/${id}/reinstatement`, { query: "?q=aalto" });
    assert.equal(answer.headers.get("location"), `/logons/${id}/access?q=aalto`);
    assert.match(main(await windowNow()), /Nothing stands in the way/);
    const twice = await admin.post(`/logons/${id}/reinstatement`, {}, PIECE);
    assert.match(await twice.text(), /not suspended any more/);
  });
});

describe("the list", () => {
  async function marks(query: string): Promise<string[]> {
    const page = await documentOf(await admin.get(`/logons${query}`));
    return [...page.querySelectorAll("a.why-not")].map((one) => one.getAttribute("href") ?? "");
  }

  it("marks those who cannot log in now, and no other", async () => {
    const place = `/logons/${id}/access?sort=username`;
    assert.ok(!(await marks("?sort=username")).includes(place));
    const states = [
      sql`update logons set suspended_at = now() where id = ${id}`,
      sql`update logons set suspended_at = null, expires_on = '2026-11-23' where id = ${id}`,
      sql`update logon_passwords set temporary = true, expires_at = ${office.clock.now()} where logon_id = ${id}`,
      sql`delete from logon_passwords where logon_id = ${id}`,
    ];
    for (const state of states) {
      await state;
      assert.ok((await marks("?sort=username")).includes(place));
      await sql`update logons set expires_on = null where id = ${id}`;
    }
    await addMail("unknown", "", false);
    await sql`update credential_mails set pending_hash = ${
      "$2b$04$" + "a".repeat(53)
    } where logon_id = ${id}`;
    assert.ok(!(await marks("?sort=username")).includes(place), "the mailed password may work");
    await lock();
    assert.ok((await marks("?sort=username")).includes(place));
  });

  it("asks the question below the one logon that a search has found", async () => {
    const question = async (query: string): Promise<string | undefined> =>
      (await documentOf(await admin.piece(`/logons${query}`))).querySelector(".only-one a")
        ?.getAttribute("href") ?? undefined;
    const [row] = await sql<[{ username: string }]>`select username from logons where id = ${id}`;
    assert.equal(await question(`?q=${row.username}`), `/logons/${id}/access?q=${row.username}`);
    assert.equal(await question("?q=smith"), undefined);
    assert.equal(await question(""), undefined);
  });

  it("leads there from the Edit window too", async () => {
    const page = await documentOf(await admin.piece(`/logons/${id}/edit`));
    assert.ok(page.querySelector(`a[href="/logons/${id}/access"]`));
  });
});
