// One's own passkeys, of a parent and of an admin: adding, naming and renaming, removing.

import type { Hono } from "hono";
import { addAudit } from "../db/audit.ts";
import { transaction } from "../db/connect.ts";
import { subjectOf } from "../db/owners.ts";
import {
  addPasskey,
  deletePasskey,
  listCredentials,
  listPasskeys,
  MOST_PASSKEYS,
  type Passkey,
  renamePasskey,
  spendChallenge,
} from "../db/passkeys.ts";
import { originOf } from "../config.ts";
import { isStorable } from "../db/storable.ts";
import {
  checkCreation,
  creationOptions,
  newChallenge,
  type NewPasskey,
  readAnswer,
  readChallenge,
  type RelyingParty,
} from "../lib/passkeys.ts";
import { PasskeysPage, RemovePasskeyPage, RenamePasskeyPage } from "../views/passkeys.tsx";
import { confirmOwnPassword, needsConfirming } from "./confirmation.ts";
import {
  type Ctx,
  type Env,
  factory,
  type Fields,
  page,
  readForm,
  readId,
  timesOf,
} from "./context.ts";
import { notFound } from "./errors.tsx";
import type { Side } from "./guards.ts";
import { authorIs, ownFrame, type Person, personOf, tellOwner } from "./person.ts";

/** Longer than any answer of a browser. */
export const LONGEST_ANSWER = 20_000;
const LONGEST_NAME = 60;
const ENOUGH = `You have ${MOST_PASSKEYS} passkeys, the most there can be. Remove one first.`;
const NOT_MADE = "The passkey could not be added. Nothing was changed; try again.";
const KNOWN = "This passkey was added before.";

export const portalPasskeys = passkeysOf("portal");
export const accountPasskeys = passkeysOf("office");

/** For whom passkeys are made: the public address, which is fixed. */
export function relyingParty(c: Ctx): RelyingParty {
  const { config } = c.var.services;
  return { name: config.schoolName, origin: originOf(config) };
}

function passkeysOf(side: Side): Hono<Env> {
  const home = side === "portal" ? "/portal/passkeys" : "/account/passkeys";
  return factory.createApp()
    .get("/", async (c) => await passkeysPage(c, personOf(c, side), {}))
    .post("/options", async (c) => {
      const person = personOf(c, side);
      const form = await readForm(c);
      const problem = checkName(nameOf(form)) ?? await confirmOwnPassword(c, form, person);
      if (problem !== null) return c.json({ problem }, 422);
      return c.json({ options: await optionsFor(c, person) });
    })
    .post("/", async (c) => {
      const person = personOf(c, side);
      const form = await readForm(c);
      const name = nameOf(form);
      const problem = checkName(name);
      if (problem !== null) {
        return await passkeysPage(c, person, { name, problems: { name: problem } });
      }
      if (needsConfirming(c, person)) {
        const passkey = "It took too long. Enter your own password and try again.";
        return await passkeysPage(c, person, { name, problems: { passkey } });
      }
      const made = await readMade(c, person, form);
      const done = made === null ? NOT_MADE : await add(c, person, { ...made, name });
      if (done !== null) {
        return await passkeysPage(c, person, { name, problems: { passkey: done } });
      }
      return c.redirect(`${home}?saved=added`, 303);
    })
    .get("/:id/name", async (c) => {
      const passkey = await ownPasskey(c, personOf(c, side));
      return await renamePage(c, side, passkey, { name: passkey.name });
    })
    .post("/:id/name", async (c) => {
      const person = personOf(c, side);
      const passkey = await ownPasskey(c, person);
      const name = nameOf(await readForm(c));
      const problem = checkName(name);
      if (problem !== null) return await renamePage(c, side, passkey, { name, problem });
      await transaction(c.var.services.sql, async (tx) => {
        if (!await renamePasskey(tx, person.owner, { id: passkey.id, name })) return;
        await addAudit(tx, [{
          ...authorIs(c, person),
          ...subjectOf(person.owner),
          what: "rename passkey",
          before: { passkey: passkey.name },
          after: { passkey: name },
        }]);
      });
      return c.redirect(`${home}?saved=renamed`, 303);
    })
    .get("/:id/removal", async (c) => {
      const person = personOf(c, side);
      return await removePage(c, person, await ownPasskey(c, person));
    })
    .post("/:id/removal", async (c) => {
      const person = personOf(c, side);
      const passkey = await ownPasskey(c, person);
      const problem = await confirmOwnPassword(c, await readForm(c), person);
      if (problem !== null) return await removePage(c, person, passkey, problem);
      await transaction(c.var.services.sql, async (tx) => {
        const name = await deletePasskey(tx, person.owner, passkey.id);
        if (name === null) return;
        await addAudit(tx, [{
          ...authorIs(c, person),
          ...subjectOf(person.owner),
          what: "remove passkey",
          before: { passkey: name },
        }]);
        await tellOwner(c, tx, person, "passkey removed", { passkey: name });
      });
      return c.redirect(`${home}?saved=removed`, 303);
    });
}

/** A challenge is for adding, and for this session alone. */
function purposeOf(c: Ctx): string {
  return `add ${c.var.sessionHash.toHex()}`;
}

async function optionsFor(c: Ctx, { owner, username, name }: Person): Promise<unknown> {
  const { sql, keys, clock } = c.var.services;
  const challenge = await newChallenge(keys, purposeOf(c), clock.now());
  const user = { handle: await userHandle(c, owner), username, name };
  return await creationOptions(relyingParty(c), user, await listCredentials(sql, owner), challenge);
}

/** What authenticators are told as the user: says nothing about the person (WebAuthn, 14.6.1). */
function userHandle(c: Ctx, owner: Person["owner"]): Promise<Uint8Array<ArrayBuffer>> {
  const { subject, subjectId } = subjectOf(owner);
  return c.var.services.keys.fingerprint("passkey user", `${subject} ${subjectId}`);
}

/** @returns null if it was not made as asked, here and now */
async function readMade(c: Ctx, person: Person, form: Fields): Promise<
  | NewPasskey & { userHandle: Uint8Array<ArrayBuffer> }
  | null
> {
  const { sql, keys, clock } = c.var.services;
  const answer = readAnswer(form.text("passkey").slice(0, LONGEST_ANSWER));
  if (answer === null) return null;
  const at = clock.now();
  const challenge = await readChallenge(keys, purposeOf(c), answer.challenge, at);
  if (challenge === null || !await spendChallenge(sql, challenge, at)) return null;
  const made = await checkCreation(relyingParty(c), answer);
  return made && { ...made, userHandle: await userHandle(c, person.owner) };
}

/** @returns what is wrong, or null */
async function add(
  c: Ctx,
  person: Person,
  passkey: NewPasskey & { name: string; userHandle: Uint8Array<ArrayBuffer> },
): Promise<string | null> {
  const { sql, clock } = c.var.services;
  const { owner } = person;
  const at = clock.now();
  return await transaction(sql, async (tx) => {
    const id = await addPasskey(tx, owner, passkey, at);
    if (typeof id !== "number") return id === "enough" ? ENOUGH : KNOWN;
    await addAudit(tx, [{
      ...authorIs(c, person),
      ...subjectOf(owner),
      what: "add passkey",
      after: { passkey: passkey.name },
    }]);
    const facts = { passkey: passkey.name, office: person.side === "office" };
    await tellOwner(c, tx, person, "passkey added", facts);
    return null;
  });
}

function nameOf(form: Fields): string {
  return form.text("name").trim();
}

function checkName(name: string): string | null {
  if (name === "") return "Give it a name, such as: My phone.";
  if (name.length > LONGEST_NAME) return `Use at most ${LONGEST_NAME} characters for the name.`;
  return isStorable(name) ? null : "Use letters, figures and spaces only.";
}

async function ownPasskey(c: Ctx, { owner }: Person): Promise<Passkey> {
  const id = readId(c.req.param("id"));
  const own = await listPasskeys(c.var.services.sql, owner);
  return own.find((one) => one.id === id) ?? notFound();
}

const SAID: ReadonlyMap<string, string> = new Map([
  ["added", "The passkey was added. From now on you can sign in with it."],
  ["renamed", "The passkey has its new name."],
  ["removed", "The passkey was removed."],
]);

async function passkeysPage(
  c: Ctx,
  person: Person,
  shown: { name?: string; problems?: { name?: string; passkey?: string } },
): Promise<Response> {
  const problems = shown.problems ?? {};
  return await page(
    c,
    <PasskeysPage
      frame={ownFrame(c, person.side)}
      passkeys={await listPasskeys(c.var.services.sql, person.owner)}
      most={MOST_PASSKEYS}
      username={person.username}
      confirm={needsConfirming(c, person)}
      times={timesOf(c)}
      name={shown.name ?? ""}
      said={SAID.get(c.req.query("saved") ?? "")}
      problems={problems}
    />,
    Object.keys(problems).length > 0 ? 422 : 200,
  );
}

async function renamePage(
  c: Ctx,
  side: Side,
  passkey: Passkey,
  shown: { name: string; problem?: string },
): Promise<Response> {
  return await page(
    c,
    <RenamePasskeyPage frame={ownFrame(c, side)} passkey={passkey} {...shown} />,
    shown.problem === undefined ? 200 : 422,
  );
}

async function removePage(
  c: Ctx,
  person: Person,
  passkey: Passkey,
  problem?: string,
): Promise<Response> {
  return await page(
    c,
    <RemovePasskeyPage
      frame={ownFrame(c, person.side)}
      passkey={passkey}
      username={person.username}
      confirm={needsConfirming(c, person)}
      problem={problem}
    />,
    problem === undefined ? 200 : 422,
  );
}
