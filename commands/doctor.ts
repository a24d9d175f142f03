// doctor: looks at everything that the program rests on, and says what to do about each thing that is wrong.

import { type Config, originOf, readConfig } from "../config.ts";
import { findTime } from "../db/connect.ts";
import { missingMigrations } from "../db/migrate.ts";
import { countNotices } from "../db/notices.ts";
import { countSecretsToReseal } from "../db/tfa.ts";
import { openKeys } from "../lib/keys.ts";
import { openLog } from "../lib/log.ts";
import { type Database, findServerKey, openDatabase } from "../services.ts";
import { parse, refuseWords } from "./arguments.ts";
import { checkMail } from "./doctor_mail.ts";
import { checkPooler, checkStandby } from "./doctor_standby.ts";
import { checkWork } from "./doctor_work.ts";
import { LACKS_ADDRESS, lacksAddress } from "./listen.ts";

/** What was looked at, how it is, and what to do. */
export type Finding = {
  readonly name: string;
  readonly state: "well" | "look at this" | "wrong";
  readonly sentence: string;
};

/** Seconds that two clocks may differ before somebody should look. */
const MOST_SKEW = 5;
const LEAST_DISK = 2 * 1024 ** 3;

function checkAddress(config: Config): Finding {
  const name = "address";
  const origin = originOf(config);
  if (lacksAddress(config)) return { name, state: "wrong", sentence: LACKS_ADDRESS };
  if (origin.startsWith("https:") || origin.startsWith("http://localhost")) {
    return { name, state: "well", sentence: origin };
  }
  return {
    name,
    state: "wrong",
    sentence:
      "BASE_URL is not https: passwords would cross the network in the open. Put a proxy with TLS in front.",
  };
}

/** @param args `--mail ADDRESS` to send a mail there. @returns 0 if nothing is wrong */
export async function doctor(args: readonly string[] = []): Promise<number> {
  const findings: Finding[] = [];
  const { values, words } = parse(args, ["mail"]);
  refuseWords(words);
  const config = readConfig();
  findings.push(checkAddress(config));
  try {
    const database = await openDatabase(config, openLog("error"));
    try {
      const found = await checkDatabase(database);
      findings.push(found, await checkClock(database));
      findings.push(...await checkPooler(database));
      findings.push(...await checkStandby(database, config.readDatabaseUrl));
      if (found.state !== "wrong") {
        findings.push(
          await checkNotices(database, config.smtpUrl),
          ...await checkWork(database),
          ...await checkFormerKey(database, config),
        );
      }
    } finally {
      await database.close();
    }
  } catch (error) {
    findings.push({
      name: "database",
      state: "wrong",
      sentence: `It cannot be opened: ${error instanceof Error ? error.message : error}`,
    });
  }
  findings.push(
    ...await checkMail(config, values["mail"]),
    checkSecrets(config),
    await checkDisk(config.dataDir),
  );
  const lines = findings.map(({ name, state, sentence }) =>
    `${state.padEnd(13)} ${name.padEnd(9)} ${sentence}`
  );
  Deno.stdout.writeSync(new TextEncoder().encode(lines.join("\n") + "\n"));
  return findings.some((finding) => finding.state === "wrong") ? 1 : 0;
}

async function checkDatabase({ sql }: Database): Promise<Finding> {
  const missing = await missingMigrations(sql);
  if (missing.length > 0) {
    return {
      name: "database",
      state: "wrong",
      sentence: `It lacks ${missing.length} changes. Run: main.ts migrate`,
    };
  }
  const [row] = await sql<[{ version: string; logons: number; admins: number }]>`
    select current_setting('server_version') as version,
           (select count(*)::int from logons where deleted_at is null) as logons,
           (select count(*)::int from admins where suspended_at is null) as admins`;
  if (row.admins === 0) {
    return {
      name: "database",
      state: "wrong",
      sentence: "There is no admin yet. Run: main.ts admin add USERNAME --name NAME",
    };
  }
  return {
    name: "database",
    state: "well",
    sentence: `Postgres ${row.version}, ${row.logons} logons`,
  };
}

async function checkClock({ sql }: Database): Promise<Finding> {
  const before = Date.now();
  const at = await findTime(sql);
  const skew = Math.abs(at.getTime() - (before + Date.now()) / 2) / 1000;
  return skew <= MOST_SKEW
    ? { name: "clock", state: "well", sentence: "This machine and the database agree" }
    : {
      name: "clock",
      state: "look at this",
      sentence: `This machine and the database differ by ${
        Math.round(skew)
      } seconds. The database's clock is gone by; set both by NTP.`,
    };
}

/** Whether what is to be told to parents gets out. */
async function checkNotices({ sql }: Database, smtpUrl: string | undefined): Promise<Finding> {
  const { waiting, failed } = await countNotices(sql, await findTime(sql));
  const name = "notices";
  if (waiting > 0 && smtpUrl === undefined) {
    return { name, state: "look at this", sentence: `${waiting} wait for a mail server` };
  }
  return waiting + failed === 0 ? { name, state: "well", sentence: "None waits to be sent" } : {
    name,
    state: "look at this",
    sentence: `${waiting} wait to be sent, ${failed} were not taken since yesterday`,
  };
}

/** Whether the former server key is still needed, while there is one. */
async function checkFormerKey({ sql }: Database, config: Config): Promise<Finding[]> {
  const key = await findServerKey(config);
  if (key === null) return [];
  const keyPrint = await openKeys(key).sealer("totp secret").keyPrint();
  const left = await countSecretsToReseal(sql, keyPrint);
  const name = "former key";
  if (left > 0) {
    const sentence = config.previousSecretKey
      ? `${left} authenticator apps are still kept under PREVIOUS_SECRET_KEY; work seals them anew within the hour`
      : `${left} authenticator apps were kept under another server key and cannot be read. Set PREVIOUS_SECRET_KEY to it, or have them set up anew.`;
    return [{ name, state: "look at this", sentence }];
  }
  return config.previousSecretKey
    ? [{
      name,
      state: "well",
      sentence:
        "No authenticator app needs PREVIOUS_SECRET_KEY any more; recovery codes made under it end with it",
    }]
    : [];
}

function checkSecrets(config: Config): Finding {
  return config.secretKey ? { name: "secrets", state: "well", sentence: "SECRET_KEY is set" } : {
    name: "secrets",
    state: "look at this",
    sentence:
      `The server key lies in ${config.dataDir}/secret-key. Keep a copy of it apart from the backups.`,
  };
}

async function checkDisk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await import("node:fs/promises").then(({ statfs }) => statfs(folder))
    .catch(
      () => ({ bavail: Number.MAX_SAFE_INTEGER, bsize: 1 }),
    );
  const free = bavail * bsize;
  return free >= LEAST_DISK
    ? { name: "disk", state: "well", sentence: `There is room in ${folder}` }
    : {
      name: "disk",
      state: "wrong",
      sentence: `Less than 2 GB are free in ${folder}. Make room before it fills.`,
    };
}
