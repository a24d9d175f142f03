// The ledger over all: every mail and letter, filtered by what the address bar says.

import {
  LEDGER_STATES,
  type LedgerFilter,
  listLedger,
  WHOLE_LEDGER,
} from "../db/credential_mail_list.ts";
import { listGroups } from "../db/learners.ts";
import { findLogon } from "../db/logons.ts";
import { MOST_COUNTED } from "../db/search.ts";
import { storable } from "../db/storable.ts";
import { findTask } from "../db/tasks.ts";
import {
  CredentialMailsPage,
  Ledger,
  type LedgerProps,
  ledgerQuery,
} from "../views/credential_mails.tsx";
import { fullName } from "../views/ui.tsx";
import { type Ctx, factory, readId, timesOf } from "./context.ts";
import { mayEdit } from "./guards.ts";
import { frameOf } from "./frame.tsx";
import { answerList, readSearch } from "./lists.ts";

/** Days that the filter may ask for. */
const MOST_DAYS = 3650;

export const credentialMails = factory.createApp()
  .get("/", async (c) => {
    const ledger = await ledgerOf(c, new URL(c.req.url).searchParams);
    return await answerList(c, {
      address: `/credential-mails${ledgerQuery(ledger.filter)}`,
      page: async () => <CredentialMailsPage frame={await frameOf(c)} {...ledger} />,
      piece: () => <Ledger {...ledger} />,
    });
  });

async function ledgerOf(c: Ctx, query: URLSearchParams): Promise<LedgerProps> {
  const { sql, clock } = c.var.services;
  const filter = readLedgerFilter((name) => query.get(name) ?? "");
  const place = {
    after: readId(query.get("after") ?? undefined),
    before: readId(query.get("before") ?? undefined),
  };
  const [found, groups, about] = await Promise.all([
    listLedger(sql, filter, place, clock.now()),
    listGroups(sql),
    aboutOf(c, filter),
  ]);
  return {
    filter,
    page: found,
    place: found.startedAnew ? {} : place,
    about,
    ...groups,
    mostCounted: MOST_COUNTED,
    mostDays: MOST_DAYS,
    times: timesOf(c),
    mayEdit: mayEdit(c),
  };
}

/** Reads the filter from an address or a form; whatever it says wrong is as if it were not there. */
export function readLedgerFilter(text: (name: string) => string): LedgerFilter {
  const group = (name: string): string | null => storable(text(name)).trim().slice(0, 40) || null;
  const days = /^\d{1,4}$/.test(text("days")) ? Math.min(Number(text("days")), MOST_DAYS) : null;
  const kind = text("kind");
  return {
    search: readSearch(text("q")),
    logon: readId(text("logon")),
    task: readId(text("task")),
    kind: kind === "mail" || kind === "letter" ? kind : null,
    state: LEDGER_STATES.find((state) => state === text("state")) ?? null,
    days: days ?? WHOLE_LEDGER.days,
    year: group("year"),
    group: group("group"),
  };
}

/** Whose mails, or of which task. */
async function aboutOf(c: Ctx, filter: LedgerFilter): Promise<string | null> {
  const { sql } = c.var.services;
  const logon = filter.logon === null ? null : await findLogon(sql, filter.logon);
  if (logon !== null) return `to ${fullName(logon)}`;
  const task = filter.task === null ? null : await findTask(sql, filter.task);
  return task === null ? null : `of “${task.title}”`;
}
