// Every hour the worker removes what has had its time: ended sessions, old waits, expired files, long-deleted logons, and what
// is kept of old sign-ins, mails and changes; and seals secrets under a new server key. Every minute it reckons how far the parents of changed learners have come.

import { addAudit } from "../db/audit.ts";
import { transaction } from "../db/connect.ts";
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

/** Purges now and then every hour, and reckons Coverage every minute. @returns what stops it */
export function startHousekeeping(services: Services): () => void {
  const { sql, clock, log } = services;
  function reckon(): void {
    transaction(sql, (tx) => reckonCoverage(tx, clock.today())).catch((error: unknown) =>
      log.warn("Coverage was not reckoned; it will be tried again in a minute", { error })
    );
  }
  function purge(): void {
    Promise.all([purgeExpired(services), resealSecrets(services)]).catch((error: unknown) =>
      log.warn("housekeeping failed; it will be tried again in an hour", { error })
    );
  }
  const timers = [setInterval(purge, HOUR), setInterval(reckon, MINUTE)];
  purge();
  reckon();
  return () => timers.forEach((timer) => clearInterval(timer));
}

/** Rows that were removed, by what they were. */
export type Purged = {
  readonly sessions: number;
  readonly links: number;
  readonly devices: number;
  readonly throttles: number;
  readonly files: number;
  readonly logons: number;
  readonly notices: number;
  readonly feedItems: number;
  readonly signIns: number;
  readonly mails: number;
  readonly audit: number;
};

/** Removes what has expired and says how much in the audit; null if another worker is at it. */
export async function purgeExpired(
  { sql, clock }: Pick<Services, "sql" | "clock">,
): Promise<Purged | null> {
  const at = clock.now();
  return await transaction(sql, async (tx) => {
    const [lock] = await tx<[{ held: boolean }]>`select pg_try_advisory_xact_lock(${LOCK}) as held`;
    if (!lock.held) return null;
    const { restore_days, remember_device_days, ...kept } = await findSettings(tx);
    await addUpLogons(tx);
    await cancelStaleLetters(tx, at);
    const purged: Purged = {
      sessions: await purgeSessions(tx, at),
      links: await purgePasswordLinks(tx, at),
      devices: await purgeRememberedDevices(tx, { at, days: remember_device_days }),
      throttles: await purgeThrottles(tx, at),
      files: await purgeFiles(tx, at),
      logons: await purgeLogons(tx, at, restore_days),
      notices: await purgeNotices(tx, at, kept.ledger_months),
      feedItems: await purgeFeedItems(tx, at, restore_days),
      signIns: await purgeSignIns(tx, at, kept.sign_in_months),
      mails: await purgeLedger(tx, at, kept.ledger_months),
      audit: await purgeAudit(tx, at, kept.audit_years),
    };
    const all = Object.values(purged).reduce((sum, rows) => sum + rows, 0);
    // What was over anyway is nobody's question later.
    const passing = purged.sessions + purged.links + purged.devices + purged.throttles;
    if (all > passing) {
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
  });
}
