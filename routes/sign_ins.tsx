// The sign-in history of the whole school or of one logon, and its export.

import { transaction } from "../db/connect.ts";
import { findLogon } from "../db/logons.ts";
import { PAGE_PATIENCE } from "../db/replica.ts";
import { MOST_COUNTED } from "../db/search.ts";
import {
  findGuessing,
  type Guessing,
  type GuessingSeen,
  listSignIns,
  SIGN_IN_EXPORT,
  SIGN_IN_RESULTS,
  type SignInFilter,
  startSignInExport,
} from "../db/sign_in_list.ts";
import { findWait, unlockAddress } from "../db/throttles.ts";
import { normaliseAddress } from "../lib/addresses.ts";
import {
  narrowedTo,
  SignInExportDialog,
  SignIns,
  SignInsPage,
  type SignInsProps,
  signInsQuery,
} from "../views/sign_ins.tsx";
import { fullName } from "../views/ui.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import { authorOf, type Ctx, factory, readForm, readId, timesOf } from "./context.ts";
import { frameOf } from "./frame.tsx";
import { mayEdit, mustEdit } from "./guards.ts";
import { readDay } from "../db/lines.ts";
import { answerList, readSearch } from "./lists.ts";
import { showDialog } from "./logon_list.tsx";
import { addressTryOf } from "./sessions.tsx";
import { taskStarted } from "./task_alerts.tsx";

export const signIns = factory.createApp()
  .get("/", async (c) => {
    const query = new URL(c.req.url).searchParams;
    const shown = await signInsOf(c, query);
    const { sql, clock } = c.var.services;
    return await answerList(c, {
      address: `/sign-ins${signInsQuery(shown.filter)}`,
      page: async () => {
        const [frame, guessing] = await Promise.all([frameOf(c), findGuessing(sql, clock.now())]);
        const seen = { ...guessing, addresses: await withWaits(c, guessing.addresses) };
        return <SignInsPage frame={frame} guessing={seen} {...shown} />;
      },
      piece: () => <SignIns {...shown} />,
    });
  })
  .post("/unlocked-address", async (c) => {
    mustEdit(c);
    const ip = normaliseAddress((await readForm(c)).text("ip").slice(0, 100));
    const attempt = await addressTryOf(c, "portal", ip);
    await transaction(
      c.var.services.sql,
      (tx) => unlockAddress(tx, { attempt, ip, logonId: null, author: authorOf(c) }),
    );
    return c.redirect("/sign-ins", 303);
  });

/** Only a hash of an address is kept with its tries, so each that is shown is looked up. */
async function withWaits(
  c: Ctx,
  addresses: Guessing["addresses"],
): Promise<GuessingSeen["addresses"]> {
  const { sql, clock } = c.var.services;
  return await Promise.all(addresses.map(async (address) => {
    const attempt = await addressTryOf(c, "portal", address.ip);
    const wait = await findWait(sql, attempt, clock.now());
    return { ...address, waitsUntil: wait?.until ?? null };
  }));
}

/** A workbook of what the filter finds: GET asks, POST starts the task. */
export const signInExports = factory.createApp()
  .get("/new", async (c) => {
    mustEdit(c);
    const query = new URL(c.req.url).searchParams;
    return await exportDialog(c, readSignInFilter((name) => query.get(name) ?? ""));
  })
  .post("/", async (c) => {
    const form = await readForm(c);
    const filter = readSignInFilter((name) => form.text(name));
    const problem = await confirmOwnPassword(c, form);
    if (problem !== null) return await exportDialog(c, filter, problem);
    const { sql, queue } = c.var.services;
    await transaction(sql, async (tx) => {
      const title = ["Sign-in history", ...narrowedTo(filter)].join(", ");
      const by = { adminId: c.var.admin.id, author: authorOf(c), title };
      const taskId = await startSignInExport(tx, filter, by);
      await queue.send(tx, SIGN_IN_EXPORT, taskId);
    });
    return await taskStarted(c, "/tasks", "The workbook is being made.");
  });

async function exportDialog(c: Ctx, filter: SignInFilter, problem?: string): Promise<Response> {
  return await showDialog(
    c,
    <SignInExportDialog filter={filter} confirm={needsConfirming(c)} problem={problem} />,
    problem === undefined ? 200 : 422,
  );
}

async function signInsOf(c: Ctx, query: URLSearchParams): Promise<SignInsProps> {
  const { sql, reader, config } = c.var.services;
  const filter = readSignInFilter((name) => query.get(name) ?? "");
  const place = {
    after: readId(query.get("after") ?? undefined),
    before: readId(query.get("before") ?? undefined),
  };
  const [found, logon] = await Promise.all([
    reader.read(PAGE_PATIENCE, (reads) => listSignIns(reads, filter, place, config.timeZone)),
    filter.logon === null ? null : findLogon(sql, filter.logon),
  ]);
  return {
    filter,
    page: found,
    about: logon && fullName(logon),
    mostCounted: MOST_COUNTED,
    times: timesOf(c),
    mayExport: mayEdit(c),
  };
}

/** Reads the filter from an address or a form; whatever it says wrong is as if it were not there. */
function readSignInFilter(text: (name: string) => string): SignInFilter {
  return {
    search: readSearch(text("q")),
    logon: readId(text("logon")),
    result: SIGN_IN_RESULTS.find((result) => result === text("result")) ?? null,
    ip: normaliseAddress(text("ip")),
    from: readDay(text("from").slice(0, 10)),
    to: readDay(text("to").slice(0, 10)),
  };
}
