// A new server key: every secret is sealed anew under it, and codes work all the while.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { transaction } from "../../db/connect.ts";
import { confirmSecret, findSecret } from "../../db/tfa.ts";
import { resealSecrets } from "../../jobs/key_rotation.ts";
import { openKeys } from "../../lib/keys.ts";
import { type Office, openOffice } from "../office.ts";

const OLD = new Uint8Array(32).fill(7);
const NEW = new Uint8Array(32).fill(9);

describe("replacing the server key", () => {
  let office: Office;
  let ids: number[];
  const secretOf = (id: number): Uint8Array<ArrayBuffer> => new Uint8Array(20).fill(id % 250);
  before(async () => {
    office = await openOffice();
    const { sql, clock } = office.services;
    const rows = await sql<{ id: number }[]>`
      select id from logons where tfa = 'off' and deleted_at is null order by id limit 5`;
    ids = rows.map((row) => row.id);
    const sealer = openKeys(OLD).sealer("totp secret");
    for (const id of ids) {
      const secret = await sealer.seal(secretOf(id), String(id));
      await transaction(
        sql,
        (tx) => confirmSecret(tx, { logonId: id }, { secret, step: 1, at: clock.now() }, []),
      );
    }
  });
  after(() => office.close());

  async function openUnder(keys: ReturnType<typeof openKeys>, id: number): Promise<unknown> {
    const sealed = await findSecret(office.services.sql, { logonId: id });
    assert.ok(sealed);
    return await keys.sealer("totp secret").open(sealed, String(id));
  }

  it("changes nothing while the present key is the one that sealed", async () => {
    const found = await resealSecrets({ ...office.services, keys: openKeys(OLD) });
    assert.deepEqual(found, { sealed: 0, lost: 0 });
  });

  it("says how many are lost where the former key is not given, and leaves them as they are", async () => {
    const found = await resealSecrets({ ...office.services, keys: openKeys(NEW) });
    assert.deepEqual(found, { sealed: 0, lost: ids.length });
    for (const id of ids) assert.deepEqual(await openUnder(openKeys(OLD), id), secretOf(id));
  });

  it("seals everything anew, two workers at once too, and the former key is not needed any more", async () => {
    const services = { ...office.services, keys: openKeys(NEW, OLD) };
    for (const id of ids) assert.deepEqual(await openUnder(services.keys, id), secretOf(id));
    await Promise.all([resealSecrets(services), resealSecrets(services)]);
    for (const id of ids) {
      assert.deepEqual(await openUnder(openKeys(NEW), id), secretOf(id));
      assert.equal(await openUnder(openKeys(OLD), id), null);
    }
    assert.deepEqual(await resealSecrets(services), { sealed: 0, lost: 0 });
  });
});
