// Sends the mails of a reset: derives each password, hashes it, keeps the hash, mails it, and makes it the logon's own once
// the mail server has accepted the mail. Killed at any instant, the next run goes on with the same passwords.

import { originOf } from "../config.ts";
import { transaction } from "../db/connect.ts";
import {
  acceptMail,
  beginMail,
  countMails,
  CREDENTIAL_MAILS,
  type DueMail,
  findNextDue,
  listDueMails,
  type MailCounts,
  putOffMail,
} from "../db/credential_mails.ts";
import { findSettings, type SchoolSettings } from "../db/settings.ts";
import { noteProgress } from "../db/tasks.ts";
import type { Mailer, OutgoingMail } from "../lib/mail.ts";
import { GENERATED_COST } from "../lib/passwords.ts";
import { credentialMail } from "../views/mail/credentials.tsx";
import type { Services } from "../services.ts";
import { checkStopping, type Job, type JobOutcome, type Running, TaskFailed } from "./job.ts";

/** Mails under way at once: hashing one while others are being sent. */
const AT_ONCE = 8;
/** Mails fetched at once: at the end of each lot some lanes are idle, so it is long. */
const LOT = 2000;
/** Milliseconds between two words about how far it is. */
const TELLS_EVERY = 1000;
/** Minutes until the next try, by how many there were. */
const WAITS = [1, 5, 15, 60] as const;
/** Tries after which a mail that the server never took is given up: about a day of them, pauses not counted. */
const GIVE_UP = 26;
const MINUTE = 60_000;

export const credentialMails: Job = {
  kind: CREDENTIAL_MAILS,
  retries: 10,
  expiresIn: 23 * 3600,
  run: runCredentialMails,
};

/** @throws {TaskFailed} `no mail server`, or `key changed` if the server key is not the one that the mails were begun with */
export async function runCredentialMails(running: Running): Promise<JobOutcome> {
  const { services, task, claim } = running;
  const { sql, mailer, clock } = services;
  if (mailer === null) throw new TaskFailed({ code: "no mail server" });
  const keyPrint = await keyOf(running);
  const settings = await findSettings(sql);
  for (;;) {
    checkStopping(running);
    await noteProgress(sql, claim, { step: "sending", ...await progressOf(running) });
    const due = await listDueMails(sql, task.id, clock.now(), LOT);
    if (due.length > 0) {
      let told = performance.now();
      await inParallel(due, AT_ONCE, async (mail) => {
        await sendOne(running, { mailer, settings, keyPrint }, mail);
        if (performance.now() - told < TELLS_EVERY) return;
        told = performance.now();
        await noteProgress(sql, claim, await progressOf(running));
      });
      continue;
    }
    const next = await findNextDue(sql, task.id);
    if (next === null) break;
    await noteProgress(sql, claim, { step: "waiting for the mail server" });
    await pause(Math.min(2000, Math.max(50, next.getTime() - clock.now().getTime())));
  }
  return { state: "done", facts: (await progressOf(running)).facts };
}

/** What each mail of a task needs. */
type Means = {
  readonly mailer: Mailer;
  readonly settings: SchoolSettings;
  readonly keyPrint: string;
};

async function sendOne(running: Running, means: Means, mail: DueMail): Promise<void> {
  const { services, claim, stopping } = running;
  const { sql, hasher, keys, clock } = services;
  if (stopping.aborted) return;
  const password = await keys.derivePassword(mail.seed, means.keyPrint);
  if (password === null) throw new TaskFailed({ code: "key changed" });
  const hash = mail.pendingHash ?? await hasher.hash(password, GENERATED_COST);
  await services.preparing.run(async () => {
    if (stopping.aborted) return;
    const moment = { at: clock.now(), today: clock.today() };
    if (!await beginMail(sql, claim, mail.id, hash, moment)) return;
    const written = writtenMail(services, means.settings, mail, password);
    await services.handingOver.runFromEnter((enter) =>
      handOver(running, means, mail, written, enter)
    );
  });
}

/** What is made beforehand, so that the mail server need not wait for that either. */
function writtenMail(
  { config }: Services,
  settings: SchoolSettings,
  mail: DueMail,
  password: string,
): OutgoingMail {
  return {
    to: mail.address,
    id: mail.seed,
    ...credentialMail({
      language: mail.language,
      name: mail.name,
      username: mail.username,
      password,
      address: `${originOf(config)}/portal`,
      schoolName: config.schoolName,
      days: settings.temporary_password_days,
      officePhone: settings.office_phone,
      opening: settings.mail_opening,
      closing: settings.mail_closing,
    }),
  };
}

/**
 * Gives a mail that was begun to the mail server, and keeps what became of it.
 * @param mayEnd while another is not kept yet, this one is sent up to its end and no further
 */
async function handOver(
  { services, claim }: Running,
  means: Means,
  mail: DueMail,
  written: OutgoingMail,
  mayEnd: () => Promise<void>,
): Promise<void> {
  const { sql, clock, log } = services;
  const outcome = await means.mailer.send(written, mayEnd);
  const at = clock.now();
  // Not the server's words: they may hold the address.
  log.info("mail tried", { mail: mail.id, outcome: outcome.state, tries: mail.tries + 1 });
  if (outcome.state === "accepted") {
    const days = means.settings.temporary_password_days;
    await transaction(sql, (tx) => acceptMail(tx, mail.id, outcome.answer, at, days));
    return;
  }
  const givenUp = mail.tries + 1 >= GIVE_UP;
  const wait = WAITS[Math.min(mail.tries, WAITS.length - 1)] ?? WAITS[0];
  const final = outcome.state === "refused" || givenUp;
  const state = givenUp && outcome.state === "deferred" ? "refused" : outcome.state;
  await putOffMail(sql, claim, mail.id, { state, answer: outcome.answer }, {
    dueAt: new Date(at.getTime() + wait * MINUTE),
    settledAt: final ? at : null,
  });
}

/**
 * A mail begun under one server key must not be sent again under another: it would say another password.
 * @returns the print of the key that this task's passwords are derived under
 * @throws {TaskFailed} `key changed` if that key is no longer live
 */
async function keyOf(running: Running): Promise<string> {
  const { services, task, claim } = running;
  const known = task.facts["keyPrint"];
  const print = typeof known === "string" ? known : await services.keys.print();
  if (await services.keys.derivePassword("", print) === null) {
    throw new TaskFailed({ code: "key changed" });
  }
  await noteProgress(services.sql, claim, { facts: { keyPrint: print } });
  return print;
}

async function progressOf(
  running: Running,
): Promise<{ done: number; total: number; facts: MailCounts }> {
  const counts = await countMails(running.services.sql, running.task.id);
  return { done: counts.settled, total: counts.mails, facts: counts };
}

async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  async function lane(): Promise<void> {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  }
  const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  const failed = lanes.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
