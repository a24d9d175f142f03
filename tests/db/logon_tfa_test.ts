// What the database keeps of two factor authentication: a code once over all nodes, states that fit, changes with a reason.

import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { brokenConstraint, connect, type Sql, transaction } from "../../db/connect.ts";
import { changeTfa, findLogonTfa, type TfaChange } from "../../db/logon_tfa.ts";
import {
  confirmSecret,
  findSecret,
  findTfaStep,
  spendRecoveryCode,
  spendStep,
} from "../../db/tfa.ts";
import { acceptMail } from "../../db/credential_mails.ts";
import { addSession } from "../../db/sessions.ts";
import { openKeys } from "../../lib/keys.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";

const AT = new Date("2026-11-24T10:00:00Z");
const AUTHOR = { adminId: null, who: "Olwen Hughes" };
const sealer = openKeys(new Uint8Array(32).fill(7)).sealer("totp secret");
const SECRET = new TextEncoder().encode("12345678901234567890");
const HASHES = Array.from({ length: 10 }, (_, n) => new Uint8Array(32).fill(n + 1));

describe("two factor authentication in the database", () => {
  let database: TestDatabase;
  let other: Sql;
  let id = 0;
  before(async () => {
    database = await openTestDatabase({ pool: 10 });
    // As a second node has it: a pool of its own.
    other = connect({ url: database.url, pool: 10 });
  });
  after(async () => {
    await other.end({ timeout: 1 });
    await database.close();
  });
  beforeEach(async () => {
    id = await addLogon();
  });

  async function addLogon(): Promise<number> {
    const [row] = await database.sql<[{ id: number }]>`
      insert into logons (first_name, surname, username)
      values ('Siân', 'Evans', ${crypto.randomUUID()}) returning id`;
    return row.id;
  }

  async function setUp(logonId = id, step = 100): Promise<boolean> {
    const secret = await sealer.seal(SECRET, String(logonId));
    return await transaction(
      database.sql,
      (tx) => confirmSecret(tx, { logonId }, { secret, step, at: AT }, HASHES),
    );
  }

  function change(what: TfaChange): Promise<boolean> {
    return transaction(
      database.sql,
      (tx) => changeTfa(tx, id, { change: what, why: { reason: "asked" }, author: AUTHOR }, AT),
    );
  }

  it("lets a code through once, of 50 at the same moment on two nodes", async () => {
    await setUp();
    const tries = Array.from(
      { length: 50 },
      (_, n) => spendStep(n % 2 === 0 ? database.sql : other, { logonId: id }, 101),
    );
    const won = (await Promise.all(tries)).filter(Boolean);
    assert.equal(won.length, 1);
    assert.equal(await spendStep(other, { logonId: id }, 101), false);
  });

  it("refuses the step that confirmed it, and any step before one that was used", async () => {
    await setUp(id, 100);
    assert.equal(await spendStep(database.sql, { logonId: id }, 100), false);
    assert.equal(await spendStep(database.sql, { logonId: id }, 102), true);
    assert.equal(await spendStep(database.sql, { logonId: id }, 101), false);
    assert.equal(await spendStep(database.sql, { logonId: id }, 103), true);
  });

  it("lets a recovery code through once, of 20 at the same moment", async () => {
    await setUp();
    const [hash] = HASHES;
    assert.ok(hash);
    const tries = Array.from(
      { length: 20 },
      (_, n) => spendRecoveryCode(n % 2 === 0 ? database.sql : other, { logonId: id }, [hash], AT),
    );
    assert.equal((await Promise.all(tries)).filter(Boolean).length, 1);
    assert.equal((await findLogonTfa(database.sql, id))?.codesLeft, 9);
    const stranger = await addLogon();
    assert.equal(await spendRecoveryCode(database.sql, { logonId: stranger }, [hash], AT), false);
  });

  it("keeps the secret that was confirmed first, and only sealed", async () => {
    assert.equal(await setUp(), true);
    const first = await findSecret(database.sql, { logonId: id });
    assert.equal(await setUp(), false);
    const sealed = await findSecret(database.sql, { logonId: id });
    assert.ok(sealed);
    assert.deepEqual(sealed, first);
    assert.deepEqual(await sealer.open(sealed, String(id)), SECRET);
    const dump = JSON.stringify(
      await database.sql`
      select encode(ciphertext, 'hex') as hex from totp_secrets`,
    );
    assert.ok(!dump.includes(SECRET.toHex()));
  });

  it("does not open a secret that was moved to another logon", async () => {
    const [mine, theirs] = [id, await addLogon()];
    await setUp(mine);
    await setUp(theirs);
    await database.sql`
      update totp_secrets t set ciphertext = o.ciphertext from totp_secrets o
       where (t.logon_id, o.logon_id) in ((${mine}, ${theirs}), (${theirs}, ${mine}))`;
    for (const swapped of [mine, theirs]) {
      const sealed = await findSecret(database.sql, { logonId: swapped });
      assert.ok(sealed);
      assert.equal(await sealer.open(sealed, String(swapped)), null);
    }
  });

  it("is set up exactly where there is a secret, whoever writes", async () => {
    const { sql } = database;
    const refused = async (work: Promise<unknown>): Promise<void> => {
      await assert.rejects(work, (error) => brokenConstraint(error) === "tfa_fits_secret");
    };
    await refused(sql`update logons set tfa = 'set up' where id = ${id}`);
    await setUp();
    await refused(sql`update logons set tfa = 'off' where id = ${id}`);
    await refused(sql`delete from totp_secrets where logon_id = ${id}`);
    await sql`update logons set first_name = 'Sian' where id = ${id}`;
    await sql`delete from logons where id = ${id}`;
    assert.equal(await findSecret(sql, { logonId: id }), null);
  });

  it("asks for what fits the state", async () => {
    const { sql } = database;
    assert.equal(await findTfaStep(sql, { logonId: id }), null);
    await change("require");
    assert.equal(await findTfaStep(sql, { logonId: id }), "set up");
    await setUp();
    assert.equal(await findTfaStep(sql, { logonId: id }), "enter code");
    await change("lost phone");
    assert.equal(await findTfaStep(sql, { logonId: id }), "set up");
    assert.equal(await findSecret(sql, { logonId: id }), null);
    assert.equal((await findLogonTfa(sql, id))?.codesLeft, 0);
    await change("do not require");
    assert.equal(await findTfaStep(sql, { logonId: id }), null);
  });

  it("makes a change only from the state that it starts from, once", async () => {
    assert.equal(await change("lost phone"), false);
    assert.equal(await change("switch off"), false);
    assert.equal(await change("do not require"), false);
    const won = await Promise.all([change("require"), change("require"), change("require")]);
    assert.equal(won.filter(Boolean).length, 1);
    await setUp();
    assert.equal(await change("do not require"), false);
    assert.equal(await change("require"), false);
    assert.equal(await change("switch off"), true);
    const deeds = await database.sql<{ what: string; before: unknown; after: unknown }[]>`
      select what, before, after from audit where subject = 'logon' and subject_id = ${id} order by id`;
    assert.deepEqual([...deeds].map((row) => ({ ...row })), [
      {
        what: "require two factor authentication",
        before: { tfa: "off" },
        after: { tfa: "required", reason: "asked" },
      },
      {
        what: "switch off two factor authentication",
        before: { tfa: "set up" },
        after: { tfa: "off", reason: "asked" },
      },
    ]);
  });

  it("is not touched by a mailed password, whether or not the mail was to require it", async () => {
    const { sql } = database;
    async function mailed(enableTfa: boolean): Promise<void> {
      const [mail] = await sql<[{ id: number }]>`
        insert into credential_mails (logon_id, asked_at, name, username, address, enable_tfa, state, pending_hash, due_at)
        values (${id}, ${AT}, 'Siân Evans', 'sian.evans', 'sian.evans@example.org', ${enableTfa}, 'sending',
                ${`$2b$${"x".repeat(56)}`}, ${AT}) returning id`;
      assert.equal(await transaction(sql, (tx) => acceptMail(tx, mail.id, "250 ok", AT, 7)), true);
    }
    await mailed(false);
    assert.equal(await findTfaStep(sql, { logonId: id }), null);
    await mailed(true);
    assert.equal(await findTfaStep(sql, { logonId: id }), "set up");
    await setUp();
    const before_ = await findSecret(sql, { logonId: id });
    for (const enableTfa of [true, false]) {
      await mailed(enableTfa);
      assert.equal(await findTfaStep(sql, { logonId: id }), "enter code");
      assert.deepEqual(await findSecret(sql, { logonId: id }), before_);
      assert.equal((await findLogonTfa(sql, id))?.codesLeft, 10);
    }
  });

  it("ends sessions where it takes something away, and only there", async () => {
    const { sql } = database;
    async function open(tfaStep: "set up" | null): Promise<void> {
      const owner = { logonId: id, mustChangePassword: false, tfaStep };
      const token = crypto.getRandomValues(new Uint8Array(32));
      const limits = { idle_minutes: 30, session_hours: 12 };
      await addSession(sql, owner, token, { ip: null, userAgent: null }, limits, AT);
    }
    async function steps(): Promise<unknown[]> {
      const rows = await sql`select tfa_step from sessions where logon_id = ${id}`;
      return [...rows].map((row) => row["tfa_step"]);
    }
    await open(null);
    await change("require");
    assert.deepEqual(await steps(), [null]);
    await open("set up");
    await change("do not require");
    assert.deepEqual(await steps(), [null]);
    await setUp();
    await change("lost phone");
    assert.deepEqual(await steps(), []);
  });
});
