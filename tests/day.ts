// A day at the office over HTTP, at one node or at several in turn: what must work whatever stands between, and whichever node answers.

/// <reference lib="dom" />

import assert from "node:assert/strict";
import { parseHTML } from "linkedom";
import { Client, eventually } from "./browserless.ts";
import type { MailServer } from "./mail_server.ts";

/** Where the day happens. */
export type Scene = {
  /** Each request goes to the next of them. */
  readonly urls: readonly string[];
  readonly mails: MailServer;
  /** In names and usernames, so that several days fit into one school: small letters. */
  readonly mark: string;
};

/**
 * Signs in, looks, adds, edits, imports, resets in bulk, has a report made; then a parent signs in by the mailed password, and
 * the office signs out. Fails at the first answer that is not as it should be.
 */
export async function liveADay({ urls, mails, mark }: Scene): Promise<void> {
  let asked = 0;
  const next = (): string => urls[asked++ % urls.length] ?? "";
  const office = new Client();
  const get = async (path: string): Promise<string> => {
    const response = await office.ask(next() + path);
    assert.equal(response.status, 200, `GET ${path}`);
    return await response.text();
  };
  const post = async (path: string, fields: Record<string, string>): Promise<void> => {
    assert.equal(
      await office.post(next() + path, new URLSearchParams(fields)),
      303,
      `POST ${path}`,
    );
  };

  assert.equal(await office.signIn(next()), 303);
  assert.match(await get("/logons"), /Ama Boateng/);

  const own = { firstName: "Day", surname: `One-${mark}`, email: `day.${mark}@example.org` };
  await post("/logons", { ...own, username: own.email });
  const found = await get(`/logons?q=${own.surname}`);
  const id = /\/logons\/(\d+)\/edit/.exec(found)?.[1] ?? "";
  assert.notEqual(id, "", "the new logon is in the list");

  await post(`/logons/${id}`, {
    ...fieldsOf(await get(`/logons/${id}/edit`)),
    surname: `Two-${mark}`,
  });
  assert.match(await get(`/logons?q=Two-${mark}`), new RegExp(`Two-${mark}`));

  const rows = Array.from(
    { length: 40 },
    (_, at) => `Row,Import-${mark},row.${at}.${mark}@example.org,004512`,
  );
  const upload = await office.upload(
    next(),
    `${mark}.csv`,
    ["First name,Surname,Email,Learners", ...rows].join("\n"),
  );
  assert.equal(upload, 303, "the upload");
  await eventually(() => get(`/logons?q=Import-${mark}`), (page) => page.includes("40 logons"));

  const parentsEmail = `row.7.${mark}@example.org`;
  await post("/bulk-resets", { all: "yes", reset_search: `row.7.${mark}` });
  const mail = await eventually(
    () => Promise.resolve(mails.received.find(({ to }) => to === parentsEmail)),
    (one) => one !== undefined,
  );
  assert.ok(mail);

  await post("/usage-reports", { start: "2020-01-01", end: "2030-12-31" });
  const tasks = await eventually(
    () => get("/tasks"),
    (page) => page.includes("Portal usage 2020-01-01") && !/running|queued/i.test(page),
  );
  const file = /\/tasks\/\d+\/file/.exec(tasks)?.[0] ?? "";
  const report = await office.ask(next() + file);
  assert.equal(report.status, 200, "the report");
  assert.deepEqual([...new Uint8Array(await report.arrayBuffer()).slice(0, 2)], [80, 75]);

  const parent = new Client();
  const signIn = new URLSearchParams({ username: parentsEmail, password: mail.password });
  // The password is the parent's as soon as the mail is out; which of the two is first does not matter.
  assert.equal(await parent.post(`${next()}/portal/sign-in`, signIn), 303, "the parent");
  assert.match(await parent.text(`${next()}/portal/password`), /password/i);

  await post("/sign-out", {});
  assert.equal((await office.ask(`${next()}/logons`)).status, 303, "signed out everywhere");
}

/** What a window's form would send as it stands. */
function fieldsOf(page: string): Record<string, string> {
  const { document } = parseHTML(page);
  const inputs = [...document.querySelectorAll("dialog input[name], [role=dialog] input[name]")];
  return Object.fromEntries(
    inputs.filter((input) =>
      !["checkbox", "radio"].includes(input.getAttribute("type") ?? "") ||
      input.hasAttribute("checked")
    ).map((input) => [input.getAttribute("name") ?? "", input.getAttribute("value") ?? ""]),
  );
}
