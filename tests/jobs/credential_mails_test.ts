// Resets by mail: whatever the mail server does, and whenever the worker dies, what the office is told is true and what a
// parent was mailed works.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { addNotices, leaseNotices } from "../../db/notices.ts";
import { transaction } from "../../db/connect.ts";
import type { Moment } from "../../db/bulk_resets.ts";
import { countFailed } from "../../db/credential_mail_list.ts";
import {
  acceptMail,
  addCredentialMails,
  beginMail,
  countMails,
  listDueMails,
  putOffMail,
} from "../../db/credential_mails.ts";
import {
  addTask,
  cancelTask,
  type Claim,
  ClaimLost,
  claimTask,
  findTask,
  settleTask,
} from "../../db/tasks.ts";
import { runCredentialMails } from "../../jobs/credential_mails.ts";
import { TaskFailed } from "../../jobs/job.ts";
import { openKeys } from "../../lib/keys.ts";
import { type MailServer, openMailServer } from "../mail_server.ts";
import { waitForLock } from "../database.ts";
import { type Office, openOffice, Visitor } from "../office.ts";

/** Of a password that nobody knows. */
const HASH = "$2b$10$7ZmbJH42Jg5TmYeJT2OeWegnYf4BiJ0XG55MktUE9B5jNLWrVsMC2";

describe("a reset by mail", () => {
  let mails: MailServer;
  let office: Office;
  let adminId: number;
  before(async () => {
    mails = await openMailServer();
    office = await openOffice({ SMTP_URL: mails.url });
    const [admin] = await office.services.sql<
      { id: number }[]
    >`select id from admins where username = 'office'`;
    adminId = admin?.id ?? 0;
  });
  after(async () => {
    await office.close();
    await mails.close();
  });

  function moment(): Moment {
    return { at: office.clock.now(), today: office.clock.today(), leaverDays: 90 };
  }

  async function idsOf(...usernames: string[]): Promise<number[]> {
    const rows = await office.services.sql<{ id: number }[]>`
      select id from logons where username = any(${usernames}::text[]) order by id`;
    assert.equal(rows.length, usernames.length);
    return rows.map((row) => row.id);
  }

  async function start(ids: readonly number[], enableTfa = false): Promise<number> {
    return await transaction(office.services.sql, async (tx) => {
      const taskId = await addTask(tx, {
        kind: "credential mails",
        title: "Bulk Reset",
        adminId,
        facts: {},
        requestId: null,
      });
      const author = { adminId, who: "test" };
      await addCredentialMails(tx, {
        taskId,
        choice: { ids },
        enableTfa,
        author,
        withoutLearner: false,
      }, moment());
      return taskId;
    });
  }

  async function claim(taskId: number): Promise<Claim> {
    const taken = await claimTask(office.services.sql, taskId, office.clock.now());
    assert.ok(taken);
    return taken.claim;
  }

  async function run(taskId: number): Promise<void> {
    const { services } = office;
    const held = await claim(taskId);
    const task = await findTask(services.sql, taskId);
    assert.ok(task);
    const outcome = await runCredentialMails({
      services,
      task,
      claim: held,
      stopping: new AbortController().signal,
    });
    await settleTask(services.sql, held, outcome, office.clock.now());
  }

  async function signsIn(username: string, password: string): Promise<boolean> {
    const visitor = new Visitor(office, "192.0.2.77");
    const response = await visitor.post("/portal/sign-in", { username, password });
    return response.status === 303;
  }

  function lastPassword(to: string): string {
    return mails.received.filter((mail) => mail.to === to).at(-1)?.password ?? "";
  }

  it("writes in the language that was chosen, with the login details where they always are, and notices too", async () => {
    const { sql } = office.services;
    await sql`update logons set language = 'pl' where username = 'paul.barley'`;
    await run(await start(await idsOf("paul.barley")));
    const mail = mails.received.at(-1);
    assert.match(mail?.subject ?? "", /^Dane do logowania/);
    assert.match(mail?.text ?? "", /^Dzień dobry, Paul Barley,$/m);
    assert.match(mail?.text ?? "", /^In English:$/m);
    assert.match(mail?.text ?? "", /^Username: paul\.barley$/m);
    assert.ok(await signsIn("paul.barley", lastPassword(mail?.to ?? "")));
    const [id = 0] = await idsOf("paul.barley");
    const notice = {
      kind: "phone removed",
      name: "Paul Barley",
      address: "paul@example.org",
    } as const;
    await transaction(
      sql,
      (tx) =>
        addNotices(
          tx,
          [{ ...notice, logonId: id, facts: {} }, { ...notice, facts: {} }],
          { at: office.clock.now() },
        ),
    );
    const leased = await leaseNotices(sql, office.clock.now(), 10);
    const kinds = leased.filter((one) => one.address === notice.address);
    assert.deepEqual(kinds.map((one) => one.language).sort(), ["en", "pl"]);
    await sql`delete from notices where address = ${notice.address}`;
    await sql`update logons set language = null where username = 'paul.barley'`;
  });

  it("sends each parent one mail that works, and ends what they had", async () => {
    assert.ok(await signsIn("lukasz.w", "demo-parent-2026"));
    const before = mails.received.length;
    const taskId = await start(await idsOf("lukasz.w", "paul.barley"));
    await run(taskId);
    const sent = mails.received.slice(before);
    assert.equal(sent.length, 2);
    const counts = await countMails(office.services.sql, taskId);
    assert.deepEqual([counts.accepted, counts.mails], [2, 2]);
    const mail = sent.find((one) => one.text.includes("Username: lukasz.w"));
    assert.ok(mail);
    assert.match(mail.text, /^Username: lukasz\.w$/m);
    assert.match(mail.text, /^Password: [a-z]+-[a-z]+-[a-z]+-[a-z]+$/m);
    assert.match(mail.text, /^Address: http:\/\/localhost:8000\/portal$/m);
    assert.equal(mail.autoSubmitted, "auto-generated");
    assert.ok(mail.html.includes(mail.password));
    const [sessions] = await office.services.sql<[{ count: number }]>`
      select count(*)::int as count from sessions s join logons l on l.id = s.logon_id where l.username = 'lukasz.w'`;
    assert.equal(sessions.count, 0);
    assert.ok(!await signsIn("lukasz.w", "demo-parent-2026"));
    assert.ok(await signsIn("lukasz.w", mail.password));
    const [entry] = await office.services.sql<{ used: Date | null }[]>`
      select first_used_at as used from credential_mails m join logons l on l.id = m.logon_id
       where l.username = 'lukasz.w' order by m.id desc limit 1`;
    assert.deepEqual(entry?.used, office.clock.now());
  });

  it("leaves the old password alone where the mail is refused, and says so in the server's words", async () => {
    mails.behave("ama.boateng@example.org", "refuse");
    const taskId = await start(await idsOf("ama.boateng"));
    await run(taskId);
    const [entry] = await office.services.sql<{ state: string; answer: string }[]>`
      select state, answer from credential_mails where task_id = ${taskId}`;
    assert.equal(entry?.state, "refused");
    assert.match(entry?.answer ?? "", /550 No such mailbox here/);
    assert.ok(await signsIn("ama.boateng", "demo-parent-2026"));
    assert.equal(await countFailed(office.services.sql, taskId, office.clock.now()), 1);
    mails.behave("ama.boateng@example.org", "accept");
  });

  it("counts who was left out, and why", async () => {
    const taskId = await start(await idsOf("fatima.ar", "declan.oconnor", "priya.rv", "rhys.l"));
    const rows = await office.services.sql<
      { username: string; state: string; answer: string | null }[]
    >`
      select username, state, answer from credential_mails where task_id = ${taskId} order by username`;
    assert.deepEqual(rows.map((row) => [row.username, row.state, row.answer]), [
      ["declan.oconnor", "left out", "suspended"],
      ["fatima.ar", "left out", "no email"],
      ["priya.rv", "queued", null],
      ["rhys.l", "left out", "no learner"],
    ]);
    await run(taskId);
    const task = await findTask(office.services.sql, taskId);
    assert.deepEqual([task?.facts["accepted"], task?.facts["leftOut"], task?.facts["mails"]], [
      1,
      3,
      4,
    ]);
  });

  it("tries again after a greylisting, and the old password works meanwhile", async () => {
    mails.behave("ama.boateng@example.org", "put off");
    const taskId = await start(await idsOf("ama.boateng"));
    const running = run(taskId);
    for (let tries = 0; tries < 100; tries++) {
      const [entry] = await office.services.sql<{ state: string }[]>`
        select state from credential_mails where task_id = ${taskId}`;
      if (entry?.state === "deferred") break;
      await new Promise((done) => setTimeout(done, 50));
    }
    assert.ok(await signsIn("ama.boateng", "demo-parent-2026"));
    mails.behave("ama.boateng@example.org", "accept");
    office.clock.move(2);
    await running;
    const counts = await countMails(office.services.sql, taskId);
    assert.equal(counts.accepted, 1);
    assert.ok(!await signsIn("ama.boateng", "demo-parent-2026"));
    assert.ok(await signsIn("ama.boateng", lastPassword("ama.boateng@example.org")));
  });

  it("sends the same mail again where the connection was lost after the last dot", async () => {
    mails.behave("camille.dubois@example.org", "take and hang up");
    const before = mails.received.length;
    const taskId = await start(await idsOf("camille.dubois"));
    const running = run(taskId);
    for (let tries = 0; tries < 100; tries++) {
      const [entry] = await office.services.sql<{ state: string }[]>`
        select state from credential_mails where task_id = ${taskId}`;
      if (entry?.state === "unknown") break;
      await new Promise((done) => setTimeout(done, 50));
    }
    office.clock.move(2);
    await running;
    const sent = mails.received.slice(before);
    assert.equal(sent.length, 2);
    assert.equal(sent[0]?.messageId, sent[1]?.messageId);
    assert.equal(sent[0]?.password, sent[1]?.password);
    assert.ok(await signsIn("camille.dubois", sent[0]?.password ?? ""));
  });

  function accepted(id: number, answer: string): Promise<boolean> {
    const { sql } = office.services;
    return transaction(sql, (tx) => acceptMail(tx, id, answer, office.clock.now(), 7));
  }

  /** A mail that got out, and the worker died before it could write so. */
  async function dieAfterSending(
    username: string,
  ): Promise<{ taskId: number; held: Claim; id: number; password: string }> {
    const { sql, keys, hasher } = office.services;
    const taskId = await start(await idsOf(username));
    const held = await claim(taskId);
    const [due] = await listDueMails(sql, taskId, office.clock.now(), 1);
    assert.ok(due);
    const password = await keys.derivePassword(due.seed, await keys.print()) ?? "";
    const hash = await hasher.hash(password, 10);
    assert.ok(await beginMail(sql, held, due.id, hash, moment()));
    return { taskId, held, id: due.id, password };
  }

  it("lets a parent in with a mail whose acceptance was lost with the worker", async () => {
    const { taskId, password } = await dieAfterSending("hannah.barley");
    assert.ok(await signsIn("hannah.barley", password));
    const counts = await countMails(office.services.sql, taskId);
    assert.equal(counts.accepted, 1);
    await run(taskId);
    assert.ok(await signsIn("hannah.barley", password));
  });

  it("lets them in too where the task ended before anybody knew, and then says that it arrived", async () => {
    const { sql } = office.services;
    const failed = { state: "failed", failure: { code: "key changed" } } as const;
    for (const end of [{ state: "cancelled" } as const, failed]) {
      const { taskId, held, password } = await dieAfterSending("hannah.barley");
      await settleTask(sql, held, end, office.clock.now());
      const task = await findTask(sql, taskId);
      assert.deepEqual([task?.facts["unknown"], task?.facts["cancelled"]], [1, 0], end.state);
      assert.equal(await countFailed(sql, taskId, office.clock.now()), 1, "it can be sent again");
      assert.ok(await signsIn("hannah.barley", password));
      const settled = await findTask(sql, taskId);
      assert.deepEqual([settled?.facts["unknown"], settled?.facts["accepted"]], [0, 1]);
    }
  });

  it("lets nobody in with such a mail once something has overtaken it", async () => {
    const { sql } = office.services;
    const { clock } = office;
    const [known] = await sql<[{ email: string }]>`
      select email from logons where username = 'hannah.barley'`;
    const overtaken: Record<string, () => Promise<unknown>> = {
      "another email": () =>
        sql`update logons set email = 'new@example.org' where username = 'hannah.barley'`,
      "another password": () =>
        sql`
          update logon_passwords set set_at = ${clock.now()}::timestamptz + interval '1 second'
           where logon_id = (select id from logons where username = 'hannah.barley')`,
      "a newer mail": async () => start(await idsOf("hannah.barley")),
      "the days of a temporary password": () => Promise.resolve(clock.move(7 * 24 * 60 + 1)),
    };
    for (const [what, happens] of Object.entries(overtaken)) {
      const { taskId, held, id, password } = await dieAfterSending("hannah.barley");
      await settleTask(sql, held, { state: "cancelled" }, clock.now());
      await happens();
      assert.equal(await signsIn("hannah.barley", password), false, what);
      assert.equal(await accepted(id, "250 late"), false, what);
      assert.equal((await countMails(sql, taskId)).unknown, 1, what);
      await sql`update logons set email = ${known.email} where username = 'hannah.barley'`;
      await sql`update logons set email_unchecked = false where username = 'hannah.barley'`;
      await sql`update tasks set state = 'cancelled', finished_at = now() where state = 'queued'`;
      await sql`delete from throttles`;
    }
  });

  it("keeps as cancelled what the mail server had put off: that is in nobody's mailbox", async () => {
    const { sql } = office.services;
    const { taskId, held, id } = await dieAfterSending("hannah.barley");
    const at = office.clock.now();
    await putOffMail(sql, held, id, { state: "deferred", answer: "451 later" }, {
      dueAt: at,
      settledAt: null,
    });
    await settleTask(sql, held, { state: "cancelled" }, at);
    const counts = await countMails(sql, taskId);
    assert.deepEqual([counts.cancelled, counts.unknown], [1, 0]);
  });

  it("keeps as not known what a later try was refused for, where an earlier one may have got out", async () => {
    const { sql } = office.services;
    const { clock } = office;
    const later = { state: "deferred", answer: "451 later" } as const;
    const refused = { state: "refused", answer: "550 no such mailbox" } as const;
    for (const last of [later, refused]) {
      const { taskId, held, id, password } = await dieAfterSending("hannah.barley");
      const [due] = await listDueMails(sql, taskId, clock.now(), 1);
      assert.ok(await beginMail(sql, held, id, due?.pendingHash ?? "", moment()));
      const settledAt = last === refused ? clock.now() : null;
      await putOffMail(sql, held, id, last, { dueAt: clock.now(), settledAt });
      await settleTask(sql, held, { state: "cancelled" }, clock.now());
      const counts = await countMails(sql, taskId);
      assert.deepEqual([counts.unknown, counts.refused, counts.cancelled], [1, 0, 0], last.state);
      assert.ok(await signsIn("hannah.barley", password));
      assert.equal((await countMails(sql, taskId)).accepted, 1);
    }
  });

  it("leaves what was accepted so where the task is cancelled at that moment", async () => {
    const { sql } = office.services;
    const { taskId, held, id } = await dieAfterSending("hannah.barley");
    const accepting = Promise.withResolvers<void>();
    const ending = transaction(sql, async (tx) => {
      assert.ok(await acceptMail(tx, id, "250 ok", office.clock.now(), 7));
      accepting.resolve();
      // The other waits for this mail now.
      await tx`select pg_sleep(0.3)`;
    });
    await accepting.promise;
    await settleTask(sql, held, { state: "cancelled" }, office.clock.now());
    await ending;
    const counts = await countMails(sql, taskId);
    assert.deepEqual([counts.accepted, counts.unknown], [1, 0]);
  });

  it("locks a logon before its mail, so that a new reset and an acceptance wait for each other", async () => {
    const { sql } = office.services;
    const { id } = await dieAfterSending("hannah.barley");
    const locked = Promise.withResolvers<void>();
    const newer = transaction(sql, async (tx) => {
      await tx`select from logons where username = 'hannah.barley' for no key update`;
      locked.resolve();
      await tx`select pg_sleep(0.3)`;
      await tx`update credential_mails set state = 'superseded', settled_at = now() where id = ${id}`;
    });
    await locked.promise;
    assert.equal(await accepted(id, "250 ok"), false, "the newer reset has taken its place");
    await newer;
  });

  it("holds up whoever takes over from a worker that stands still in the middle of it for seconds only", async () => {
    const { sql } = office.services;
    const { id } = await dieAfterSending("hannah.barley");
    const holds = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const still = assert.rejects(transaction(sql, async (tx) => {
      assert.ok(await acceptMail(tx, id, "250 first", office.clock.now(), 7));
      const [most] = await tx<[{ held: string }]>`
        select current_setting('idle_in_transaction_session_timeout') as held`;
      assert.equal(most.held, "5s");
      holds.resolve();
      await over.promise;
      await tx`select 1`;
    }));
    await holds.promise;
    assert.ok(await accepted(id, "250 second"));
    over.resolve();
    await still;
    const [row] = await sql`select answer from credential_mails where id = ${id}`;
    assert.equal(row?.["answer"], "250 second");
  });

  it("opens nothing to a password that was overtaken while it was compared", async () => {
    const { sql } = office.services;
    const { id, password } = await dieAfterSending("hannah.barley");
    let trying: Promise<boolean> | undefined;
    await transaction(sql, async (tx) => {
      await tx`select from logons where username = 'hannah.barley' for no key update`;
      trying = signsIn("hannah.barley", password);
      // Compared by now, and waiting for this logon.
      await waitForLock(sql);
      await tx`update credential_mails set state = 'superseded', settled_at = now() where id = ${id}`;
    });
    assert.equal(await trying, false);
  });

  it("opens nothing to a password of the parent's own that was replaced while it was compared", async () => {
    const { sql, hasher } = office.services;
    await sql`
      update logon_passwords set hash = ${await hasher.hash(
      "demo-parent-2026",
      4,
    )}, temporary = false, expires_at = null
       where logon_id = (select id from logons where username = 'lukasz.w')`;
    let trying: Promise<boolean> | undefined;
    await transaction(sql, async (tx) => {
      await tx`select from logons where username = 'lukasz.w' for no key update`;
      trying = signsIn("lukasz.w", "demo-parent-2026");
      await waitForLock(sql);
      await tx`
        update logon_passwords set hash = ${HASH}
         where logon_id = (select id from logons where username = 'lukasz.w')`;
    });
    assert.equal(await trying, false);
  });

  it("does not call left out what may have got out before the logon was changed", async () => {
    const { sql } = office.services;
    const { taskId, id } = await dieAfterSending("hannah.barley");
    await sql`update logons set username = 'hannah.b' where username = 'hannah.barley'`;
    await run(taskId);
    const [row] = await sql`select state from credential_mails where id = ${id}`;
    await sql`update logons set username = 'hannah.barley' where username = 'hannah.b'`;
    assert.equal(row?.["state"], "unknown");
  });

  it("refuses the late writes of a worker that was thought dead", async () => {
    const { sql } = office.services;
    const taskId = await start(await idsOf("hannah.barley"));
    const late = await claim(taskId);
    const other = await claim(taskId);
    const [due] = await listDueMails(sql, taskId, office.clock.now(), 1);
    const id = due?.id ?? 0;
    const at = office.clock.now();
    await assert.rejects(beginMail(sql, late, id, HASH, moment()), ClaimLost);
    assert.equal(await beginMail(sql, other, id, HASH, moment()), true);
    const opinion = { state: "refused", answer: "550 late" } as const;
    await putOffMail(sql, late, id, opinion, { dueAt: at, settledAt: at });
    const [row] = await sql`select state, answer from credential_mails where id = ${id}`;
    assert.deepEqual({ ...row }, { state: "sending", answer: null });
    await run(taskId);
  });

  it("lets the newest reset win: the older is superseded, and one password works", async () => {
    const { sql } = office.services;
    const ids = await idsOf("paul.barley");
    const older = await start(ids);
    const newer = await start(ids);
    await run(older);
    await run(newer);
    assert.equal((await countMails(sql, older)).superseded, 1);
    assert.equal((await countMails(sql, newer)).accepted, 1);
    assert.ok(await signsIn("paul.barley", lastPassword("paul.barley@example.org")));
  });

  it("cannot be accepted twice, nor after a newer one", async () => {
    const { sql } = office.services;
    const [row] = await sql<
      { id: number }[]
    >`select min(id) as id from credential_mails where state = 'accepted'`;
    assert.equal(await accepted(row?.id ?? 0, "again"), false);
  });

  it("sends nothing to an address that was changed after the reset was asked for", async () => {
    const { sql } = office.services;
    const before = mails.received.length;
    const taskId = await start(await idsOf("priya.rv"));
    await sql`update logons set email = 'other@example.org' where username = 'priya.rv'`;
    await run(taskId);
    assert.equal(mails.received.length, before);
    assert.equal((await countMails(sql, taskId)).leftOut, 1);
  });

  it("sends nothing with a username that was changed after the reset was asked for, nor to a logon that is gone or has expired", async () => {
    const { sql } = office.services;
    const changes = [
      () => sql`update logons set username = 'priya.two' where username = 'priya.rv'`,
      () =>
        sql`update logons set expires_on = ${office.clock.today()}::date - 1 where username = 'priya.two'`,
      () => sql`update credential_mails set logon_id = null where settled_at is null`,
    ];
    await sql`update logons set email = 'priya.rv@example.org', email_unchecked = false where username = 'priya.rv'`;
    for (const change of changes) {
      const before = mails.received.length;
      const [logon] = await sql<[{ id: number }]>`
        select id from logons where username in ('priya.rv', 'priya.two')`;
      const taskId = await start([logon.id]);
      await change();
      await run(taskId);
      assert.equal(mails.received.length, before);
      assert.equal((await countMails(sql, taskId)).leftOut, 1);
      await sql`update logons set expires_on = null where username = 'priya.two'`;
    }
    await sql`update logons set username = 'priya.rv' where username = 'priya.two'`;
  });

  it("requires two factor authentication where that was asked, tells of it once, and never takes it away", async () => {
    const { sql } = office.services;
    const told = async (): Promise<unknown[]> => {
      const rows =
        await sql`select kind, name, address, state from notices where kind = 'tfa required'`;
      return rows.map((row) => ({ ...row }));
    };
    const notice = {
      kind: "tfa required",
      name: "Ama Boateng",
      address: "ama.boateng@example.org",
      state: "queued",
    };
    await run(await start(await idsOf("ama.boateng"), true));
    assert.deepEqual(await told(), [notice]);
    await run(await start(await idsOf("ama.boateng"), true));
    assert.deepEqual(await told(), [notice], "nothing has changed");
    const [on] = await sql<
      { tfa: string }[]
    >`select tfa from logons where username = 'ama.boateng'`;
    assert.equal(on?.tfa, "required");
    await run(await start(await idsOf("ama.boateng"), false));
    const [still] = await sql<
      { tfa: string }[]
    >`select tfa from logons where username = 'ama.boateng'`;
    assert.equal(still?.tfa, "required");
  });

  it("takes unsent mails with it when it is cancelled", async () => {
    const { sql } = office.services;
    const taskId = await start(await idsOf("paul.barley"));
    assert.ok(await cancelTask(sql, taskId, office.clock.now()));
    assert.equal((await countMails(sql, taskId)).cancelled, 1);
  });

  it("stops and says so when the server key is another one in the middle", async () => {
    const { services } = office;
    const taskId = await start(await idsOf("paul.barley"));
    await services
      .sql`update tasks set facts = facts || '{"keyPrint": "another"}' where id = ${taskId}`;
    await assert.rejects(
      run(taskId),
      (error) => error instanceof TaskFailed && error.failure.code === "key changed",
    );
    assert.ok(await signsIn("paul.barley", lastPassword("paul.barley@example.org")));
  });

  it("goes on with the same password while the key it was begun with is still live beside a newer one", async () => {
    const { services } = office;
    const taskId = await start(await idsOf("paul.barley"));
    const print = await services.keys.print();
    await services.sql`
      update tasks set facts = facts || jsonb_build_object('keyPrint', ${print}::text) where id = ${taskId}`;
    const [due] = await listDueMails(services.sql, taskId, office.clock.now(), 1);
    const said = await services.keys.derivePassword(due?.seed ?? "", print);
    const keys = openKeys(new Uint8Array(32).fill(9), new Uint8Array(32).fill(7));
    const held = await claimTask(services.sql, taskId, office.clock.now());
    assert.ok(held);
    await runCredentialMails({
      services: { ...services, keys },
      ...held,
      stopping: new AbortController().signal,
    });
    assert.equal(lastPassword("paul.barley@example.org"), said);
    assert.ok(await signsIn("paul.barley", said ?? ""));
  });

  it("keeps every password out of the log and the database", async () => {
    const { sql } = office.services;
    const passwords = new Set(mails.received.map((mail) => mail.password));
    assert.ok(passwords.size > 5);
    const [row] = await sql<[{ text: string }]>`
      select (select string_agg(m::text, ' ') from credential_mails m) || (select string_agg(t::text, ' ') from tasks t)
             || (select string_agg(a::text, ' ') from audit a) as text`;
    const logged = office.logged.join("\n");
    for (const password of passwords) {
      assert.ok(!row.text.includes(password) && !logged.includes(password));
    }
  });
});
