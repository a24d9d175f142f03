// Parental Responsibility that is not known: the list, and yes or no for many at once.

import { transaction } from "../db/connect.ts";
import {
  editResponsibilities,
  listUnknown,
  listUnknownRelationships,
  type UnknownFilter,
} from "../db/parental_responsibilities.ts";
import { storable } from "../db/storable.ts";
import {
  Responsibilities,
  ResponsibilitiesPage,
  type ResponsibilitiesProps,
  type Said,
} from "../views/parental_responsibilities.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import { answer, authorOf, type Ctx, factory, type Fields, page, readForm } from "./context.ts";
import { mayEdit } from "./guards.ts";
import { frameOf } from "./frame.tsx";
import { readSearch } from "./lists.ts";

type Given = {
  readonly chosen: ReadonlySet<string>;
  readonly all: boolean;
  readonly problems: ResponsibilitiesProps["problems"];
};

const NOTHING: Given = { chosen: new Set(), all: false, problems: {} };

export const parentalResponsibilities = factory.createApp()
  .get("/", async (c) => {
    const filter = readFilter(c.req.query("relationship"), c.req.query("q"));
    const found = await responsibilitiesOf(c, filter, NOTHING);
    return await answer(c, {
      page: async () => (
        <ResponsibilitiesPage frame={await frameOf(c)} {...found} said={readSaid(c)} />
      ),
      piece: () => <Responsibilities {...found} />,
    });
  })
  .post("/", async (c) => {
    const form = await readForm(c);
    const filter = readFilter(form.text("relationship"), form.text("q"));
    const chosen = readChosen(form);
    const all = form.text("all") === "1";
    const said = form.text("answer");
    const problems = chosen.size === 0 && !all
      ? { choice: "Choose at least one contact." }
      : said !== "yes" && said !== "no"
      ? { choice: "Choose one of the two answers." }
      : await passwordProblem(c, form);
    if (Object.keys(problems).length > 0) {
      const found = await responsibilitiesOf(c, filter, { chosen, all, problems });
      const frame = await frameOf(c);
      return await page(c, <ResponsibilitiesPage frame={frame} {...found} said={null} />, 422);
    }
    const choice = all ? { filter } : { keys: [...chosen] };
    const count = await transaction(
      c.var.services.sql,
      (tx) => editResponsibilities(tx, choice, said === "yes", authorOf(c)),
    );
    const query = new URLSearchParams({
      said: said === "yes" ? "yes" : "no",
      count: String(count),
    });
    return c.redirect(`/parental-responsibilities?${query}`, 303);
  });

async function passwordProblem(c: Ctx, form: Fields): Promise<{ own_password?: string }> {
  const sentence = await confirmOwnPassword(c, form);
  return sentence === null ? {} : { own_password: sentence };
}

async function responsibilitiesOf(
  c: Ctx,
  filter: UnknownFilter,
  given: Given,
): Promise<ResponsibilitiesProps> {
  const { sql } = c.var.services;
  const [{ rows, total }, relationships] = await Promise.all([
    listUnknown(sql, filter),
    listUnknownRelationships(sql),
  ]);
  return {
    rows,
    total,
    filter,
    relationships,
    ...given,
    mayEdit: mayEdit(c),
    asksPassword: needsConfirming(c),
  };
}

function readFilter(relationship: string | undefined, search: string | undefined): UnknownFilter {
  const wanted = storable(relationship ?? "").trim().slice(0, 40);
  return {
    relationship: wanted === "" ? null : wanted,
    search: readSearch(search ?? ""),
  };
}

/** The rows whose boxes are ticked, and, without script, those that Select all stands for. */
function readChosen(form: Fields): ReadonlySet<string> {
  const shown = form.text("select_shown") === "yes" ? form.texts("shown") : [];
  return new Set([...form.texts("key"), ...shown]);
}

function readSaid(c: Ctx): Said {
  const count = c.req.query("count") ?? "";
  const said = c.req.query("said");
  return /^\d{1,9}$/.test(count) && (said === "yes" || said === "no")
    ? { count: Number(count), answer: said === "yes" }
    : null;
}
