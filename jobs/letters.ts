// Makes letters: derives the code of each, and keeps its hash. What it says is derived again when somebody prints it.

import { countMails } from "../db/credential_mails.ts";
import { keepCode, LETTERS, listUnmadeLetters } from "../db/letters.ts";
import { noteProgress } from "../db/tasks.ts";
import { GENERATED_COST } from "../lib/passwords.ts";
import { checkStopping, type Job, type JobOutcome, type Running, TaskFailed } from "./job.ts";

/** Letters hashed between two words about how far it is. */
const LOT = 10;

export const letters: Job = { kind: LETTERS, retries: 5, expiresIn: 3600, run: runLetters };

/** @throws {TaskFailed} `key changed` if the server key that the letters were begun under is no longer live */
async function runLetters(running: Running): Promise<JobOutcome> {
  const { services, task, claim } = running;
  const { sql, hasher, keys } = services;
  const known = task.facts["keyPrint"];
  const keyPrint = typeof known === "string" ? known : await keys.print();
  // What an earlier run has made is made.
  for (let { done } = task;;) {
    checkStopping(running);
    await noteProgress(sql, claim, { step: "making letters", done, facts: { keyPrint } });
    const lot = await listUnmadeLetters(sql, task.id, LOT);
    if (lot.length === 0) break;
    for (const { id, seed } of lot) {
      const code = await keys.derivePassword(seed, keyPrint);
      if (code === null) throw new TaskFailed({ code: "key changed" });
      await keepCode(sql, claim, id, await hasher.hash(code, GENERATED_COST));
    }
    done += lot.length;
  }
  return { state: "needs review", facts: await countMails(sql, task.id) };
}
