// Admins: the office's own people, looked after by Administrators.

import {
  addAdmin,
  type Admin,
  type AdminInput,
  checkAdmin,
  editAdmin,
  editAdminPassword,
  findAdmin,
  LastAdministrator,
  listAdmins,
  removeAdminTfa,
  suspendAdmin,
  usernameProblem,
  UsernameTaken,
} from "../db/admins.ts";
import { transaction } from "../db/connect.ts";
import { PASSWORD_SENTENCES } from "../db/password_rules.ts";
import { type Role, ROLES } from "../db/sessions.ts";
import { storable } from "../db/storable.ts";
import { CHOSEN_COST, findPasswordProblem, GENERATED_COST } from "../lib/passwords.ts";
import {
  AdminDeedPage,
  type AdminField,
  type AdminForm,
  AdminPage,
  AdminPasswordPage,
  AdminsPage,
  NewAdminPage,
} from "../views/admins.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import {
  authorOf,
  type Ctx,
  factory,
  type Fields,
  page,
  readForm,
  readId,
  timesOf,
} from "./context.ts";
import { notFound } from "./errors.tsx";
import { mayBlock } from "./guards.ts";
import { frameOf } from "./frame.tsx";

type Problems = Partial<Record<AdminField, string>>;
type Values = AdminForm["values"];
type Deed = "password" | "tfa" | "suspension";

const LAST = "This is the last Administrator who can sign in. Make another one first.";
const LONGEST_REASON = 500;
const SAID: ReadonlyMap<string, string> = new Map([
  ["saved", "The changes were saved."],
  ["suspended", "The admin is suspended and signed out everywhere."],
  ["restored", "The admin can sign in again."],
  ["tfa", "The phone and the passkeys were removed."],
]);

export const admins = factory.createApp()
  .get("/", async (c) =>
    await page(
      c,
      <AdminsPage
        frame={await frameOf(c)}
        admins={await listAdmins(c.var.services.sql)}
        times={timesOf(c)}
        said={SAID.get(c.req.query("done") ?? "")}
      />,
    ))
  .get("/new", async (c) => await newPage(c, EMPTY, {}))
  .post("/", async (c) => {
    const form = await readForm(c);
    const values = valuesOf(form);
    const input = inputOf(values);
    const given = await readPassword(c, form, values);
    const problems: Problems = {
      ...checkAdmin(input, null),
      ...rightProblem(c, input.seesBlocks, false),
      ...given.problems,
    };
    const username = usernameProblem(values.username);
    if (username !== null) problems.username = username;
    await confirm(c, form, problems);
    if (Object.keys(problems).length > 0 || input.role === null) {
      return await newPage(c, values, problems);
    }
    const { role } = input;
    const hash = await given.hash();
    try {
      await transaction(c.var.services.sql, (tx) =>
        addAdmin(
          tx,
          { ...input, role, username: values.username, hash, mustChangePassword: true },
          authorOf(c),
        ));
    } catch (error) {
      if (!(error instanceof UsernameTaken)) throw error;
      return await newPage(c, values, { username: error.message });
    }
    return await passwordPage(c, values, given.password);
  })
  .get("/:id", async (c) => {
    const admin = await adminOf(c);
    return await adminPage(c, admin, valuesFrom(admin), {});
  })
  .post("/:id", async (c) => {
    const admin = await adminOf(c);
    const form = await readForm(c);
    const values = { ...valuesOf(form), username: admin.username };
    const input = inputOf(values);
    const problems: Problems = {
      ...checkAdmin(input, isOwn(c, admin) ? admin.role : null),
      ...rightProblem(c, input.seesBlocks && !admin.seesBlocks, isOwn(c, admin)),
    };
    await confirm(c, form, problems);
    const { role } = input;
    if (Object.keys(problems).length > 0 || role === null) {
      return await adminPage(c, admin, values, problems);
    }
    const refused = await keepingTheLast(() =>
      transaction(
        c.var.services.sql,
        (tx) => editAdmin(tx, admin, { ...input, role }, authorOf(c)),
      )
    );
    if (refused !== null) return await adminPage(c, admin, values, { role: refused });
    return c.redirect(`/admins/${admin.id}?done=saved`, 303);
  })
  .get("/:id/password", async (c) => await deedPage(c, await colleagueOf(c), "password", {}))
  .post("/:id/password", async (c) => {
    const admin = await colleagueOf(c);
    const form = await readForm(c);
    const given = await readPassword(c, form, admin);
    const problems: Problems = given.problems;
    await confirm(c, form, problems);
    if (Object.keys(problems).length > 0) return await deedPage(c, admin, "password", problems);
    const hash = await given.hash();
    const options = { mustChange: true, keep: null };
    await transaction(
      c.var.services.sql,
      (tx) => editAdminPassword(tx, admin.id, hash, options, authorOf(c)),
    );
    return await passwordPage(c, admin, given.password);
  })
  .get("/:id/tfa", async (c) => await deedPage(c, await colleagueOf(c), "tfa", {}))
  .post("/:id/tfa", async (c) => {
    const admin = await colleagueOf(c);
    const form = await readForm(c);
    const reason = textOf(form, "reason").slice(0, LONGEST_REASON);
    const problems: Problems = reason === "" ? { reason: "Say in a few words why." } : {};
    await confirm(c, form, problems);
    if (Object.keys(problems).length > 0) return await deedPage(c, admin, "tfa", problems, reason);
    await transaction(
      c.var.services.sql,
      (tx) => removeAdminTfa(tx, admin.id, { reason }, authorOf(c)),
    );
    return c.redirect(`/admins/${admin.id}?done=tfa`, 303);
  })
  .get("/:id/suspension", async (c) => await deedPage(c, await colleagueOf(c), "suspension", {}))
  .post("/:id/suspension", async (c) => {
    const admin = await colleagueOf(c);
    const form = await readForm(c);
    const problems: Problems = {};
    await confirm(c, form, problems);
    if (Object.keys(problems).length > 0) return await deedPage(c, admin, "suspension", problems);
    const suspended = form.text("suspended") !== "no";
    const { sql, clock } = c.var.services;
    const refused = await keepingTheLast(() =>
      transaction(sql, (tx) => suspendAdmin(tx, admin.id, suspended, authorOf(c), clock.now()))
    );
    if (refused !== null) return await adminPage(c, admin, valuesFrom(admin), { role: refused });
    return c.redirect(`/admins?done=${suspended ? "suspended" : "restored"}`, 303);
  });

const EMPTY: Values = { username: "", name: "", email: "", role: "Office", seesBlocks: false };

function valuesOf(form: Fields): Values {
  return {
    username: textOf(form, "username"),
    name: textOf(form, "name"),
    email: textOf(form, "email"),
    role: form.text("role"),
    seesBlocks: form.text("sees_blocks") === "yes",
  };
}

function valuesFrom(admin: Admin): Values {
  return { ...admin, email: admin.email ?? "" };
}

function inputOf(values: Values): AdminInput {
  const role: Role | null = ROLES.find((one) => one === values.role) ?? null;
  return {
    ...values,
    email: values.email === "" ? null : values.email,
    role,
    // Of no use to the others, and not to be there by mistake when their role changes again.
    seesBlocks: values.seesBlocks && role === "Administrator",
  };
}

/** Why links are blocked is told on by those who know, and to nobody by themselves. */
function rightProblem(c: Ctx, gives: boolean, toThemselves: boolean): Problems {
  if (!gives || (mayBlock(c) && !toThemselves)) return {};
  return {
    role: "Ask another Administrator who may see why a link is blocked to give that right.",
  };
}

function textOf(form: Fields, name: string): string {
  return storable(form.text(name)).trim();
}

function isOwn(c: Ctx, admin: Admin): boolean {
  return admin.id === c.var.admin.id;
}

async function adminOf(c: Ctx): Promise<Admin> {
  return await findAdmin(c.var.services.sql, readId(c.req.param("id"))) ?? notFound();
}

/** What is done to others only: for oneself there is the account. */
async function colleagueOf(c: Ctx): Promise<Admin> {
  const admin = await adminOf(c);
  return isOwn(c, admin) ? notFound() : admin;
}

/** A password that was typed, or a new one of four words; hashed when everything else is right. */
async function readPassword(
  c: Ctx,
  form: Fields,
  whose: { readonly name: string; readonly username: string },
): Promise<{ password: string; problems: Problems; hash: () => Promise<string> }> {
  const { keys, hasher, config } = c.var.services;
  const typed = form.text("password");
  if (typed === "") {
    const made = await keys.derivePassword(crypto.randomUUID(), await keys.print());
    if (made === null) throw new Error("the present key is not live");
    return { password: made, problems: {}, hash: () => hasher.hash(made, GENERATED_COST) };
  }
  const shortest = c.var.settings.shortest_password;
  const words = [whose.name, whose.username, config.schoolName];
  const problem = findPasswordProblem(typed, { shortest, words });
  return {
    password: typed,
    problems: problem ? { password: PASSWORD_SENTENCES[problem](shortest) } : {},
    hash: () => hasher.hash(typed, CHOSEN_COST),
  };
}

/** The own password comes last: it is asked for again only once all else is right. */
async function confirm(c: Ctx, form: Fields, problems: Problems): Promise<void> {
  if (Object.keys(problems).length > 0) return;
  const problem = await confirmOwnPassword(c, form);
  if (problem !== null) problems.own_password = problem;
}

/** @returns the sentence if it would have left no Administrator */
async function keepingTheLast(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof LastAdministrator) return LAST;
    throw error;
  }
}

async function newPage(c: Ctx, values: Values, problems: Problems): Promise<Response> {
  return await page(
    c,
    <NewAdminPage
      frame={await frameOf(c)}
      form={{ values, problems, confirm: needsConfirming(c) }}
      shortest={c.var.settings.shortest_password}
    />,
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}

async function adminPage(
  c: Ctx,
  admin: Admin,
  values: Values,
  problems: Problems,
): Promise<Response> {
  return await page(
    c,
    <AdminPage
      frame={await frameOf(c)}
      admin={admin}
      form={{ values, problems, confirm: needsConfirming(c) }}
      own={isOwn(c, admin)}
      said={SAID.get(c.req.query("done") ?? "")}
    />,
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}

async function deedPage(
  c: Ctx,
  admin: Admin,
  deed: Deed,
  problems: Problems,
  reason = "",
): Promise<Response> {
  return await page(
    c,
    <AdminDeedPage
      frame={await frameOf(c)}
      admin={admin}
      deed={deed}
      shortest={c.var.settings.shortest_password}
      reason={reason}
      problems={problems}
      confirm={needsConfirming(c)}
    />,
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}

async function passwordPage(
  c: Ctx,
  admin: { name: string; username: string },
  password: string,
): Promise<Response> {
  return await page(
    c,
    <AdminPasswordPage frame={await frameOf(c)} admin={admin} password={password} />,
  );
}
