// The outbox: sends the notices that were written with changes, each by one worker at a time, until the mail server has taken
// it or a day is over. Killed at any instant, the same mail goes out again under the same Message-ID.

import { originOf } from "../config.ts";
import {
  acceptNotice,
  dropUselessNotices,
  type LeasedNotice,
  leaseNotices,
  NOTICES_CHANNEL,
  putOffNotice,
  renewLease,
} from "../db/notices.ts";
import { findLinkToken } from "../db/portal_recovery.ts";
import { findSettings } from "../db/settings.ts";
import type { Mailer, OutgoingMail } from "../lib/mail.ts";
import type { Services } from "../services.ts";
import { noticeMail } from "../views/mail/notices.tsx";

/** Mails under way at once. */
const AT_ONCE = 4;
const MINUTE = 60_000;
/** Minutes until the next try, by how many there were. */
const WAITS = [1, 5, 15, 60] as const;
/** After so long (in milliseconds) a notice that the mail server never took is given up. */
const GIVE_UP = 24 * 60 * MINUTE;
const ENDED = { state: "refused", answer: "Not sent: the link has ended." } as const;
/** Milliseconds until it looks again, if nobody wakes it. */
const PAUSE = 2000;
/** Milliseconds after which the lease of a mail that is still under way is renewed. */
const RENEWAL = 30_000;
/** Milliseconds that mails under way may take to come to an end when the program stops. */
const GRACE = 10_000;

/**
 * Sends what is due, now and whenever notices are written. Without a mail server they stay queued.
 * @returns what stops it: resolves once the mails under way are settled, after 10 seconds at most
 */
export function startNotices(services: Services): () => Promise<void> {
  const { mailer, direct, log } = services;
  if (mailer === null) return () => Promise.resolve();
  const stopping = new AbortController();
  let wake = (): void => {};

  async function run(sender: Mailer): Promise<void> {
    while (!stopping.signal.aborted) {
      const woken = new Promise<void>((go) => wake = go);
      const sent = await sendDueNotices(services, sender).catch((error: unknown) => {
        log.warn("notices could not be sent; they will be tried again", { error });
        return 0;
      });
      if (sent === 0) await firstOf(woken, PAUSE);
    }
  }

  // The mere wish for speed: where it cannot listen, it looks every two seconds.
  direct.listen(NOTICES_CHANNEL, () => wake()).catch((error: unknown) =>
    log.warn("notices are not announced", { error })
  );
  const running = run(mailer);
  return async () => {
    stopping.abort();
    wake();
    await firstOf(running, GRACE);
  };
}

/** Sends the next notices that are due, a few at once. @returns how many were tried */
export async function sendDueNotices(
  services: Pick<Services, "sql" | "clock" | "config" | "log" | "keys">,
  mailer: Mailer,
): Promise<number> {
  const { sql, clock } = services;
  await dropUselessNotices(sql, clock.now());
  const leased = await leaseNotices(sql, clock.now(), AT_ONCE);
  if (leased.length === 0) return 0;
  const settings = await findSettings(sql);
  const school = {
    schoolName: services.config.schoolName,
    officePhone: settings.office_phone,
    portal: `${originOf(services.config)}/portal`,
    timeZone: services.config.timeZone,
  };
  await Promise.all(leased.map(async (notice) => {
    const { link } = notice.facts;
    const token = typeof link === "string" ? await findLinkToken(sql, services.keys, link) : "";
    if (token === null) {
      return await putOffNotice(sql, notice, ENDED, { at: clock.now(), dueAt: null });
    }
    const mail = noticeMail({ ...notice, token }, school);
    await sendOne(services, mailer, notice, { to: notice.address, id: notice.seed, ...mail });
  }));
  return leased.length;
}

async function sendOne(
  { sql, clock, log }: Pick<Services, "sql" | "clock" | "log">,
  mailer: Mailer,
  notice: LeasedNotice,
  mail: OutgoingMail,
): Promise<void> {
  const renewal = setInterval(() => {
    renewLease(sql, notice, clock.now()).catch((error: unknown) =>
      log.warn("a lease could not be renewed", { notice: notice.id, error })
    );
  }, RENEWAL);
  const outcome = await mailer.send(mail).finally(() => clearInterval(renewal));
  const at = clock.now();
  // Not the server's words: they may hold the address.
  const { id, kind, tries, requestId: request } = notice;
  log.info("notice tried", {
    ...{ notice: id, kind, outcome: outcome.state, tries },
    ...(request === null ? {} : { request }),
  });
  if (outcome.state === "accepted") {
    await acceptNotice(sql, notice.id, outcome.answer, at);
    return;
  }
  const givenUp = at.getTime() - notice.writtenAt.getTime() > GIVE_UP;
  const wait = WAITS[Math.min(notice.tries, WAITS.length) - 1] ?? WAITS[0];
  const final = outcome.state === "refused" || givenUp;
  const state = givenUp && outcome.state === "deferred" ? "refused" : outcome.state;
  await putOffNotice(sql, notice, { state, answer: outcome.answer }, {
    at,
    dueAt: final ? null : new Date(at.getTime() + wait * MINUTE),
  });
}

/** Waits for something, but no longer than so many milliseconds. */
async function firstOf(something: Promise<void>, milliseconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((go) => timer = setTimeout(go, milliseconds));
  await Promise.race([something, late]);
  clearTimeout(timer);
}
