// The job of Import Contacts: makes a logon of each chosen contact, or adds what is missing to the one there is.

import { importContacts } from "../db/contact_import_apply.ts";
import { CONTACT_IMPORT, countContactOutcomes, countImported } from "../db/contact_imports.ts";
import { noteProgress } from "../db/tasks.ts";
import { authorOfTask, checkStopping, type Job, type JobOutcome, type Running } from "./job.ts";

/** Contacts of one transaction. */
const CHUNK = 1000;

export const contactImports: Job = {
  kind: CONTACT_IMPORT,
  retries: 3,
  expiresIn: 60 * 60,
  async run(running: Running): Promise<JobOutcome> {
    const { services: { sql }, task, claim } = running;
    const author = authorOfTask(running);
    await noteProgress(sql, claim, { step: "importing", ...await countImported(sql, task.id) });
    // What is written is done with: a run that was cut off is taken up by the next one.
    for (;;) {
      checkStopping(running);
      if (await importContacts(sql, claim, { size: CHUNK, author }) === 0) break;
      await noteProgress(sql, claim, await countImported(sql, task.id));
    }
    return { state: "done", facts: await countContactOutcomes(sql, task.id) };
  },
};
