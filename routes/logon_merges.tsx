// Merging two logons of one adult.

import type { Child } from "hono/jsx";
import { transaction } from "../db/connect.ts";
import {
  findMergeOptions,
  findMergeSides,
  listMergeSuggestions,
  mergeLogons,
  type MergeSide,
} from "../db/logon_merges.ts";
import { MergeDialog, type MergeForm, MergeSearchDialog } from "../views/logon_merges.tsx";
import { fullName } from "../views/ui.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import { authorOf, type Ctx, factory, readForm, readId, timesOf } from "./context.ts";
import { notFound } from "./errors.tsx";
import { mustEdit } from "./guards.ts";
import { readSearch } from "./lists.ts";
import { gone } from "./logon_form.tsx";
import { listChanged, queryOf, showDialog } from "./logon_list.tsx";

export const logonMerges = factory.createApp()
  .get("/:id/merge", async (c) => {
    mustEdit(c);
    const sides = await sidesOf(c, readId(c.req.query("with")));
    if (sides === null) return await gone(c);
    const [logon, other] = sides;
    if (other === undefined) return await showDialog(c, await searchDialog(c, logon));
    const keep = readId(c.req.query("keep")) === other.id ? other.id : likelyKept(logon, other);
    const asked = c.req.query("keep") === String(logon.id) ? logon.id : keep;
    return await showDialog(
      c,
      mergeDialog(c, { sides: [logon, other], keep: asked, query: queryOf(c) }),
    );
  })
  .post("/:id/merge", async (c) => {
    const { sql, clock } = c.var.services;
    const form = await readForm(c);
    const withId = readId(form.text("with"));
    const before = await findMergeSides(
      sql,
      withId === null ? [] : [readId(c.req.param("id")) ?? notFound(), withId],
    );
    const done = mergedBefore(before, readId(form.text("keep")));
    if (done !== null) return await merged(c, done, form.text("query"));
    const sides = await sidesOf(c, withId);
    if (sides === null) return await gone(c);
    const [logon, other] = sides;
    if (other === undefined) return await showDialog(c, await searchDialog(c, logon), 422);
    const kept = readId(form.text("keep")) === other.id ? other : logon;
    const closed = kept === other ? logon : other;
    const shown = { sides: [logon, other] as const, keep: kept.id, query: form.text("query") };
    const problem = await confirmOwnPassword(c, form);
    if (problem !== null) return await showDialog(c, mergeDialog(c, { ...shown, problem }), 422);
    const version = (side: MergeSide): number => readId(form.text(`version_${side.id}`)) ?? 0;
    const merge = {
      keep: { id: kept.id, version: version(kept) },
      close: { id: closed.id, version: version(closed) },
    };
    const outcome = await transaction(
      sql,
      (tx) => mergeLogons(tx, merge, authorOf(c), clock.now()),
    );
    switch (outcome) {
      case "gone":
        return await gone(c);
      case "changed": {
        const [now, then] = await sidesOf(c, withId) ?? [];
        if (now === undefined || then === undefined) return await gone(c);
        const conflict =
          "Nothing was merged: one of them has been changed meanwhile, and this is how they are now.";
        return await showDialog(c, mergeDialog(c, { ...shown, sides: [now, then], conflict }), 409);
      }
      default:
        return await merged(c, kept, form.text("query"));
    }
  });

/** The logon of the address, and the other one where it was chosen; null if one of them is not there. */
async function sidesOf(
  c: Ctx,
  other: number | null,
): Promise<readonly [MergeSide, MergeSide | undefined] | null> {
  const id = readId(c.req.param("id")) ?? notFound();
  const wanted = other === null || other === id ? [id] : [id, other];
  const sides = (await findMergeSides(c.var.services.sql, wanted)).filter((side) =>
    !side.isDeleted
  );
  const [logon, second] = sides;
  return logon === undefined || logon.id !== id || sides.length < wanted.length
    ? null
    : [logon, second];
}

/** Sent twice: the kept one, where the other went into it already. */
function mergedBefore(sides: readonly MergeSide[], keep: number | null): MergeSide | null {
  const kept = sides.find((side) => side.id === keep && !side.isDeleted);
  return kept !== undefined && sides.some((side) => side.mergedInto === kept.id) ? kept : null;
}

/** The one that is in use, or more in use. */
function likelyKept(one: MergeSide, other: MergeSide): number {
  const last = (side: MergeSide): number => side.lastLogon?.getTime() ?? 0;
  return last(other) > last(one) ? other.id : one.id;
}

async function merged(c: Ctx, kept: MergeSide, query: string): Promise<Response> {
  return await listChanged(c, query, { what: "merged", id: kept.id }, {
    toast: `The logons of ${fullName(kept)} are one now: ${kept.username}.`,
  });
}

function mergeDialog(c: Ctx, form: Omit<MergeForm, "confirm">): Child {
  return <MergeDialog form={{ ...form, confirm: needsConfirming(c) }} times={timesOf(c)} />;
}

async function searchDialog(c: Ctx, logon: MergeSide): Promise<Child> {
  const { sql } = c.var.services;
  const search = readSearch(c.req.query("merge_q") ?? "");
  const [suggestions, found] = await Promise.all([
    listMergeSuggestions(sql, logon.id),
    findMergeOptions(sql, logon.id, search),
  ]);
  return (
    <MergeSearchDialog
      logon={logon}
      search={search}
      suggestions={suggestions}
      found={found}
      query={queryOf(c)}
    />
  );
}
