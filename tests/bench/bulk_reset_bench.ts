// A Bulk Reset of 5,000 against what the mail server alone allows, a bare loop over the same library, and the hashing it needs.

import { createTransport } from "nodemailer";
import { SMTPServer } from "smtp-server";
import { readConfig } from "../../config.ts";
import { transaction } from "../../db/connect.ts";
import { addCredentialMails, countMails, CREDENTIAL_MAILS } from "../../db/credential_mails.ts";
import { addTask, claimTask, findTask, settleTask } from "../../db/tasks.ts";
import { runCredentialMails } from "../../jobs/credential_mails.ts";
import { openLog } from "../../lib/log.ts";
import { GENERATED_COST, openHasher } from "../../lib/passwords.ts";
import { openDatabase, openServices, type Services } from "../../services.ts";
import { type Figure, table } from "./measure.ts";
import { openSchool } from "./school.ts";

const MAILS = Number(Deno.env.get("BENCH_MAILS") ?? 5000);
/** Milliseconds that the server takes for each mail, as a hosted one may. */
const TAKES = 50;
/** As many connections as services.ts opens. */
const CONNECTIONS = 5;

type Catcher = { readonly url: string; count(): number; close(): Promise<void> };

export async function bench(): Promise<Figure[]> {
  const school = await openSchool({ logons: 6000, learners: 4500, signIns: 1000 });
  const catcher = await openCatcher();
  const config = readConfig(() => undefined, {
    DATABASE_URL: school.url,
    SECRET_KEY: new Uint8Array(32).fill(7).toBase64(),
    SMTP_URL: catcher.url,
  });
  const log = openLog("error");
  const database = await openDatabase(config, log);
  const services = await openServices(config, { log, database });
  try {
    const ideal = MAILS * TAKES / CONNECTIONS;
    const hashing = await timeHashing();
    const bare = await timeBare(catcher);
    const reset = await timeReset(services, catcher);
    const seconds = (time: number): string => `${(time / 1000).toFixed(0)} s`;
    const floor = Math.max(ideal, hashing);
    return [
      figure(
        `Bulk Reset of ${MAILS} (${seconds(reset)}) against the mail server alone (${
          seconds(ideal)
        })`,
        reset / ideal,
        1.3,
      ),
      figure(`the same against a bare nodemailer pool (${seconds(bare)})`, reset / bare, 1.3),
      figure(
        `the same against the slower of mail server and hashing (${seconds(hashing)})`,
        reset / floor,
        1.3,
      ),
    ];
  } finally {
    await services.close();
    await database.close();
    await catcher.close();
    await school.close();
  }
}

/** What the passwords of all of them cost, with every core at it. */
async function timeHashing(): Promise<number> {
  const hasher = openHasher();
  const sample = 60;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: sample }, (_, at) => hasher.hash(`some-four-words-${at}`, GENERATED_COST)),
  );
  return (performance.now() - start) / sample * MAILS;
}

async function timeBare(catcher: Catcher): Promise<number> {
  const { hostname, port } = new URL(catcher.url);
  const transport = createTransport({
    host: hostname,
    port: Number(port),
    ignoreTLS: true,
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: 200,
  });
  const start = performance.now();
  await Promise.all(Array.from({ length: MAILS }, (_, at) =>
    transport.sendMail({
      from: "office@school.example",
      to: `parent${at}@example.org`,
      subject: "Your login details for the Parent Portal of Hillcrest School",
      text: "Dear parent,\n\nhere are your login details.\n".repeat(8),
      html: "<p>Dear parent, here are your login details.</p>".repeat(8),
    })));
  const took = performance.now() - start;
  transport.close();
  return took;
}

/** From the worker's taking the task to its end; every mail must have been accepted. */
async function timeReset(services: Services, catcher: Catcher): Promise<number> {
  const { sql, clock } = services;
  const moment = { at: clock.now(), today: clock.today(), leaverDays: 90 };
  const rows = await sql<{ id: number; adminId: number }[]>`
    select l.id, (select min(id) from admins) as "adminId" from logons l
     where l.deleted_at is null and l.suspended_at is null and l.email is not null and l.expires_on is null
       and l.learners_until = 'infinity' order by l.id limit ${MAILS}`;
  const adminId = rows[0]?.adminId ?? 0;
  const taskId = await transaction(sql, async (tx) => {
    const task = { kind: CREDENTIAL_MAILS, title: "Bench", adminId, facts: {}, requestId: null };
    const id = await addTask(tx, task);
    const asked = { enableTfa: false, author: { adminId, who: "bench" }, withoutLearner: false };
    const choice = { ids: rows.map((row) => row.id) };
    await addCredentialMails(tx, { taskId: id, choice, ...asked }, moment);
    return id;
  });
  const before = catcher.count();
  const start = performance.now();
  const taken = await claimTask(sql, taskId, clock.now());
  const task = await findTask(sql, taskId);
  if (taken === null || task === null) throw new Error("the task cannot be taken");
  const stopping = new AbortController().signal;
  const outcome = await runCredentialMails({ services, task, claim: taken.claim, stopping });
  const took = performance.now() - start;
  await settleTask(sql, taken.claim, outcome, clock.now());
  const { accepted } = await countMails(sql, taskId);
  if (accepted !== rows.length || catcher.count() - before !== rows.length) {
    throw new Error(`${accepted} of ${rows.length} were accepted`);
  }
  return took * MAILS / rows.length;
}

/** Takes every mail, {@link TAKES} milliseconds each, and forgets it. */
async function openCatcher(): Promise<Catcher> {
  let count = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onData(stream, _session, done): void {
      stream.on("data", () => {});
      stream.on("end", () => {
        count++;
        setTimeout(done, TAKES);
      });
    },
  });
  server.on("error", () => {});
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", () => listening()));
  const address = server.server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    count: () => count,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

function figure(what: string, ratio: number, limit: number): Figure {
  return { what, measured: ratio.toFixed(2), limit: String(limit), met: ratio <= limit };
}

if (import.meta.main) {
  Deno.stdout.writeSync(new TextEncoder().encode(table(await bench()) + "\n"));
}
