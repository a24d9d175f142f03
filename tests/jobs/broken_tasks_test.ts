// A task whose run breaks says so while it waits for its next run, and fails with its last one.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { transaction } from "../../db/connect.ts";
import { addTask, findTask, noteProgress, type Task } from "../../db/tasks.ts";
import type { Job, JobOutcome } from "../../jobs/job.ts";
import { runJob } from "../../jobs/queue.ts";
import { documentOf, type Office, openOffice, signIn } from "../office.ts";

const BROKEN: Job = {
  kind: "usage report",
  retries: 1,
  expiresIn: 60,
  async run({ services: { sql }, claim }): Promise<JobOutcome> {
    await noteProgress(sql, claim, { step: "writing summary", done: 64, total: 64 });
    throw new Error("broken on purpose");
  },
};

describe("a task that breaks", () => {
  let office: Office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office.close());

  it("says that it is tried again, and after its last run that it failed", async () => {
    const { services } = office;
    const id = await transaction(
      services.sql,
      (tx) =>
        addTask(tx, {
          kind: BROKEN.kind,
          title: "Parent Portal Usage",
          adminId: null,
          facts: {},
          requestId: null,
        }),
    );
    const go = (last: boolean): Promise<void> =>
      runJob(services, BROKEN, id, new AbortController().signal, last);
    const task = async (): Promise<Task | null> => await findTask(services.sql, id);
    await assert.rejects(go(false), /broke/);
    assert.equal((await task())?.state, "running");
    const page = await documentOf(await (await signIn(office)).get(`/tasks/${id}`));
    assert.match(
      page.querySelector("#task")?.textContent ?? "",
      /Trying again, since something went wrong on our side 64 of 64/,
    );
    await go(true);
    assert.equal((await task())?.state, "failed");
  });
});
