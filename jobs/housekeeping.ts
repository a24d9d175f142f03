// Every hour the worker removes what has had its time: ended sessions, old waits, expired files, long-deleted logons, and what
// is kept of old sign-ins, mails and changes; and seals secrets under a new server key. Every minute it reckons how far the parents of changed learners have come.

import { addAudit } from "../db/audit.ts";
import { type Sql, type Transaction, transaction } from "../db/connect.ts";
import { purgeFeedItems } from "../db/feeds.ts";
import { purgeFiles } from "../db/files.ts";
import { reckonCoverage } from "../db/learner_coverage.ts";
import { cancelStaleLetters } from "../db/letters.ts";
import { addUpLogons, purgeLogons } from "../db/logons.ts";
import { purgeNotices } from "../db/notices.ts";
import { purgePasswordLinks } from "../db/portal_recovery.ts";
import { purgeAudit, purgeLedger, purgeSignIns } from "../db/record_purges.ts";
import { purgeRememberedDevices } from "../db/remembered_devices.ts";
import { purgeSessions } from "../db/sessions.ts";
import { findSettings } from "../db/settings.ts";
import { purgeThrottles } from "../db/throttles.ts";
import type { Services } from "../services.ts";
import { resealSecrets } from "./key_rotation.ts";

const HOUR = 3600 * 1000;
const MINUTE = 60 * 1000;
/** Held while one worker purges; the others find it taken and leave it. */
const LOCK = 7_061_772_003;

/** Purges now and then every hour, and reckons Coverage every minute. @returns what stops it, when it is not in the middle of it */
export function startHousekeeping(services: Services): () => Promise<void> {
  const { sql, clock, log } = services;
  async function reckon(): Promise<void> {
    await transaction(sql, (tx) => reckonCoverage(tx, clock.today())).catch((error: unknown) =>
      log.warn("Coverage was not reckoned; it will be tried again in a minute", { error })
    );
  }
  async function purge(): Promise<void> {
    await Promise.all([purgeExpired(services), resealSecrets(services)]).catch((error: unknown) =>
      log.warn("housekeeping failed; it will be tried again in an hour", { error })
    );
  }
  let [purging, reckoning] = [purge(), reckon()];
  const timers = [
    setInterval(() => purging = purge(), HOUR),
    setInterval(() => reckoning = reckon(), MINUTE),
  ];
  return async () => {
    timers.forEach((timer) => clearInterval(timer));
    await Promise.all([purging, reckoning]);
  };
}

/** Rows that were removed, by what they were. */
export type Purged = Readonly<Record<string, number>>;

/**
 * Removes what has expired and says how much in the audit; null if another worker is at it. What is kept for months goes
 * last, each in a transaction of its own: it can be much, and holds nothing else up.
 */
export async function purgeExpired(
  { sql, clock, config }: Pick<Services, "sql" | "clock" | "config">,
): Promise<Purged | null> {
  const at = clock.now();
  const day = { today: clock.today(), timeZone: config.timeZone };
  const { restore_days, remember_device_days, ...kept } = await findSettings(sql);
  const steps: readonly ((tx: Transaction) => Promise<Purged>)[] = [
    async (tx): Promise<Purged> => {
      await addUpLogons(tx);
      await cancelStaleLetters(tx, at);
      return {
        files: await purgeFiles(tx, at),
        logons: await purgeLogons(tx, at, restore_days),
        notices: await purgeNotices(tx, at, kept.ledger_months),
        feedItems: await purgeFeedItems(tx, at, restore_days),
      };
    },
    async (tx): Promise<Purged> => ({ mails: await purgeLedger(tx, day, kept.ledger_months) }),
    async (tx): Promise<Purged> => ({ signIns: await purgeSignIns(tx, day, kept.sign_in_months) }),
    async (tx): Promise<Purged> => ({ audit: await purgeAudit(tx, day, kept.audit_years) }),
  ];
  // What was over anyway is nobody's question later.
  const passing = await alone(sql, async (tx): Promise<Purged> => ({
    sessions: await purgeSessions(tx, at),
    links: await purgePasswordLinks(tx, at),
    devices: await purgeRememberedDevices(tx, { at, days: remember_device_days }),
    throttles: await purgeThrottles(tx, at),
  }));
  if (passing === null) return null;
  let purged = passing;
  for (const step of steps) {
    const rows = await alone(sql, (tx) => told(tx, step));
    purged = { ...purged, ...rows };
  }
  return purged;
}

/** In a transaction that no other worker is in; null if one is. */
async function alone<T>(sql: Sql, work: (tx: Transaction) => Promise<T>): Promise<T | null> {
  return await transaction(sql, async (tx) => {
    const [lock] = await tx<[{ held: boolean }]>`select pg_try_advisory_xact_lock(${LOCK}) as held`;
    return lock.held ? await work(tx) : null;
  });
}

/** Removes rows, and says so in the audit if there were any. */
async function told(
  tx: Transaction,
  purge: (tx: Transaction) => Promise<Purged>,
): Promise<Purged> {
  const purged = await purge(tx);
  if (Object.values(purged).some((rows) => rows > 0)) {
    await addAudit(tx, [{
      adminId: null,
      who: "housekeeping",
      what: "purge",
      subject: "database",
      subjectId: null,
      after: purged,
    }]);
  }
  return purged;
}
