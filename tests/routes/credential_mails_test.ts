// The ledger over all: newest first, narrowed by the address bar, paged by key, and sending again to those it shows.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { documentOf, type Office, openOffice, PIECE, signIn, type Visitor } from "../office.ts";

const HASH = "$2b$10$7ZmbJH42Jg5TmYeJT2OeWegnYf4BiJ0XG55MktUE9B5jNLWrVsMC2";

describe("the ledger over all", () => {
  let office: Office;
  let visitor: Visitor;
  before(async () => {
    office = await openOffice();
    visitor = await signIn(office);
  });
  after(() => office.close());

  /** A mail of some days ago, in a state. */
  async function addMail(
    username: string,
    state: string,
    more: { daysAgo?: number; used?: boolean; answer?: string; settled?: boolean } = {},
  ): Promise<number> {
    const at = new Date(office.clock.now().getTime() - (more.daysAgo ?? 0) * 86_400_000);
    const settled = more.settled ?? !["queued", "sending", "deferred"].includes(state);
    const [row] = await office.services.sql<{ id: number }[]>`
      insert into credential_mails (logon_id, asked_by, asked_at, name, username, address, enable_tfa, state, answer,
                                    pending_hash, due_at, settled_at, first_used_at, bounced_at)
      select l.id, (select id from admins where username = 'office'), ${at}, l.first_name || ' ' || l.surname, l.username,
             l.email, false, ${state}, ${more.answer ?? null}, ${HASH}, ${at},
             ${settled ? at : null}, ${more.used ? at : null}, ${state === "bounced" ? at : null}
        from logons l where l.username = ${username} returning id`;
    assert.ok(row);
    return row.id;
  }

  async function clear(): Promise<void> {
    await office.services.sql`delete from credential_mails`;
  }

  async function shown(query: string): Promise<string[]> {
    const page = await documentOf(await visitor.get(`/credential-mails${query}`));
    return [...page.querySelectorAll("#credential-mails tbody tr .who .below")]
      .map((cell) => cell.textContent?.trim() ?? "");
  }

  it("says that there is nothing yet, and that nothing matches", async () => {
    assert.match(await (await visitor.get("/credential-mails")).text(), /No mails yet/);
    await addMail("ama.boateng", "accepted");
    const text = await (await visitor.get("/credential-mails?state=refused")).text();
    assert.match(text, /No mail matches/);
  });

  it("tells who, asked by whom, to which address, what became of it in the server's words, and the first sign-in", async () => {
    await clear();
    await addMail("ama.boateng", "accepted", { used: true, answer: "250 2.0.0 Ok: queued as 4F" });
    const page = await documentOf(await visitor.get("/credential-mails"));
    const row = page.querySelector("#credential-mails tbody tr");
    const text = row?.textContent ?? "";
    for (
      const part of [
        "Ama Boateng",
        "ama.boateng@example.org",
        "accepted by the mail server",
        "250 2.0.0 Ok: queued as 4F",
        "Signed in with it on 24 November 2026",
      ]
    ) assert.ok(text.includes(part), `${part} in ${text}`);
    assert.equal(row?.querySelector(".who a")?.getAttribute("href"), "/logons?q=ama.boateng");
    assert.equal(page.querySelector("#modules [aria-current]")?.textContent, "Mails");
  });

  it("is narrowed by state, year, group, logon and search, each in the address", async () => {
    await clear();
    await addMail("ama.boateng", "refused");
    await addMail("paul.barley", "accepted");
    await addMail("hannah.barley", "queued");
    assert.deepEqual(await shown(""), ["hannah.barley", "paul.barley", "ama.boateng"]);
    assert.deepEqual(await shown("?state=refused"), ["ama.boateng"]);
    assert.deepEqual(await shown("?state=open"), ["hannah.barley"]);
    assert.deepEqual(await shown("?q=barley"), ["hannah.barley", "paul.barley"]);
    const [ama] = await office.services.sql<{ id: number; groups: string[] }[]>`
      select id, linked_groups as groups from logons where username = 'ama.boateng'`;
    assert.deepEqual(await shown(`?logon=${ama?.id}`), ["ama.boateng"]);
    const year = ama?.groups.find((one) => one.startsWith("year "))?.slice(5) ?? "";
    const group = ama?.groups.find((one) => one.startsWith("group "))?.slice(6) ?? "";
    assert.ok((await shown(`?year=${encodeURIComponent(year)}`)).includes("ama.boateng"));
    assert.ok((await shown(`?group=${encodeURIComponent(group)}`)).includes("ama.boateng"));
    assert.deepEqual(await shown(`?group=${encodeURIComponent("no such group")}`), []);
  });

  it("finds what was accepted days ago and never signed in with, the newest of each logon only", async () => {
    await clear();
    await addMail("ama.boateng", "accepted", { daysAgo: 8 });
    await addMail("paul.barley", "accepted", { daysAgo: 8, used: true });
    await addMail("hannah.barley", "accepted", { daysAgo: 9 });
    await addMail("hannah.barley", "accepted", { daysAgo: 2 });
    await office.services
      .sql`update logons set sign_in_count = 0, last_sign_in_at = null where username = any('{ama.boateng,hannah.barley}')`;
    assert.deepEqual(await shown("?state=not-used"), ["ama.boateng"]);
    assert.deepEqual(await shown("?state=not-used&days=1"), ["hannah.barley", "ama.boateng"]);
    assert.deepEqual(await shown("?state=not-used&days=30"), []);
    const text = await (await visitor.get("/credential-mails?state=not-used&days=3")).text();
    assert.match(text, /accepted 3 days ago or longer and never signed in with/);
    const page = await documentOf(await visitor.get("/credential-mails?state=not-used&days=3"));
    const days = page.querySelectorAll("form[role=search] [name=days]");
    assert.deepEqual([...days].map((field) => field.getAttribute("value")), ["3"]);
    assert.match(page.body.textContent, /Days since it was accepted, at least/);
    const resend = page.querySelector("#credential-mails .list-head a.button");
    assert.match(resend?.getAttribute("href") ?? "", /state=not-used&days=3/);
    const anew = await visitor.get("/credential-mails?state=accepted&days=3");
    assert.equal(anew.status, 200);
    assert.doesNotMatch(await anew.text(), /[?&;]days=3/, "days are of that state alone");
  });

  it("finds temporary passwords that have expired", async () => {
    await clear();
    const { sql } = office.services;
    await addMail("ama.boateng", "accepted", { daysAgo: 20 });
    await addMail("paul.barley", "accepted", { daysAgo: 1 });
    // Signed in once and closed the page.
    await sql`
      update credential_mails m set first_used_at = settled_at
        from logons l where l.id = m.logon_id and l.username = 'ama.boateng'`;
    for (const [username, days] of [["ama.boateng", -13], ["paul.barley", 6]] as const) {
      const until = new Date(office.clock.now().getTime() + days * 86_400_000);
      await sql`
        insert into logon_passwords (logon_id, hash, temporary, expires_at)
        select id, ${HASH}, true, ${until} from logons where username = ${username}
        on conflict (logon_id) do update set hash = excluded.hash, temporary = true, expires_at = excluded.expires_at`;
    }
    assert.deepEqual(await shown("?state=password-expired"), ["ama.boateng"]);
  });

  it("pages by key: nothing twice and nothing lost, forwards and back", async () => {
    await clear();
    const ids: number[] = [];
    for (let at = 0; at < 120; at++) ids.push(await addMail("ama.boateng", "superseded"));
    const seen: string[] = [];
    let href = "/credential-mails";
    const pages: string[] = [];
    for (let at = 0; at < 5 && href !== ""; at++) {
      pages.push(href);
      const page = await documentOf(await visitor.get(href));
      seen.push(...[...page.querySelectorAll("tbody tr")].map((row) => row.id));
      href = page.querySelector('a[rel="next"]')?.getAttribute("href") ?? "";
    }
    assert.deepEqual(seen, ids.toReversed().map((id) => `mail-${id}`));
    const last = await documentOf(await visitor.get(pages.at(-1) ?? ""));
    const back = last.querySelector('a[rel="prev"]')?.getAttribute("href") ?? "";
    const page = await documentOf(await visitor.get(back));
    assert.deepEqual(
      [...page.querySelectorAll("tbody tr")].map((row) => row.id),
      seen.slice(50, 100),
    );
  });

  it("gives the piece that the page holds, whatever the address says wrong", async () => {
    await clear();
    await addMail("ama.boateng", "accepted");
    for (
      const query of [
        "",
        "?state=nonsense",
        "?days=-1",
        `?q=${"x".repeat(10_000)}`,
        "?q=%00%ED%A0%80",
        "?logon=9223372036854775808&after=abc&before=-1",
        "?q=%F0%9F%98%80&year=%00&group=%3Cb%3E",
      ]
    ) {
      const page = await documentOf(await visitor.get(`/credential-mails${query}`));
      const piece = await documentOf(await visitor.piece(`/credential-mails${query}`));
      const whole = page.querySelector("#credential-mails")?.outerHTML;
      assert.ok(whole, query.slice(0, 40));
      assert.equal(piece.querySelector("#credential-mails")?.outerHTML, whole);
    }
  });

  it("sends again to those it shows, once each, after the same count and the own password", async () => {
    await clear();
    await addMail("ama.boateng", "refused");
    await addMail("paul.barley", "bounced", { daysAgo: 1 });
    await addMail("hannah.barley", "accepted");
    const window = await documentOf(await visitor.piece("/resends/new?state=failed"));
    assert.match(window.body.textContent ?? "", /2 mails will be sent/);
    office.clock.move(11);
    const asked = await visitor.post("/resends", { state: "failed" }, PIECE);
    assert.equal(asked.status, 422);
    assert.match(await asked.text(), /Enter your own password/);
    const sent = await visitor.post("/resends", {
      state: "failed",
      own_password: "demo-office-2026",
    });
    assert.equal(sent.status, 303);
    const rows = await office.services.sql<{ username: string }[]>`
      select username from credential_mails where state = 'queued' order by username`;
    assert.deepEqual(rows.map((row) => row.username), ["ama.boateng", "paul.barley"]);
    assert.deepEqual(await shown("?state=failed"), [], "nothing is left to be made up for");
    const twice = await visitor.post("/resends", { state: "failed" }, PIECE);
    assert.match(await twice.text(), /Nobody in this list can be mailed/);
  });

  it("sends again to what is still on its way, which the new mails supersede", async () => {
    await clear();
    await addMail("ama.boateng", "deferred");
    assert.equal((await visitor.post("/resends", { state: "open" })).status, 303);
    const rows = await office.services.sql<{ state: string }[]>`
      select state from credential_mails order by id`;
    assert.deepEqual(rows.map((row) => row.state), ["superseded", "queued"]);
  });

  it("never takes no filter for everybody", async () => {
    const response = await visitor.post("/resends", {}, PIECE);
    assert.equal(response.status, 422);
    assert.match(await response.text(), /Choose first, by the filters/);
  });

  it("shows a viewer everything and offers them nothing", async () => {
    await clear();
    const id = await addMail("ama.boateng", "accepted");
    const viewer = await signIn(office, "viewer");
    const text = await (await viewer.get("/credential-mails?q=ama")).text();
    assert.match(text, /Ama Boateng/);
    assert.doesNotMatch(text, /Send again|It came back/);
    assert.equal((await viewer.post("/resends", { state: "failed" })).status, 403);
    assert.equal((await viewer.post(`/credential-mails/${id}/bounce`)).status, 403);
  });

  it("leads from the envelope's window to all that was sent to a logon", async () => {
    const [ama] = await office.services.sql<
      { id: number }[]
    >`select id from logons where username = 'ama.boateng'`;
    const window = await documentOf(await visitor.piece(`/logons/${ama?.id}/credentials`));
    const link = window.querySelector(".ledger a")?.getAttribute("href");
    assert.equal(link, `/credential-mails?logon=${ama?.id}`);
    assert.match(await (await visitor.get(link ?? "")).text(), /1 mail<\/strong>.*to Ama Boateng/s);
  });
});
