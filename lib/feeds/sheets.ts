// Reads a list of learners or of contacts out of a workbook or a CSV file.

import { readTable } from "../excel/read.ts";
import { type Cell, meantCell, type Row } from "../excel/table.ts";
import { type Feed, FeedBuilder, FeedRefusal, type LearnerStatus, type Place } from "./feed.ts";
import { nameProblem } from "./roster.ts";
import {
  CONTACT_COLUMNS,
  type ContactColumn,
  findSheetHeader,
  LEARNER_COLUMNS,
  type LearnerColumn,
  type Places,
  sheetLabel,
} from "./sheet_columns.ts";
import { dayOf, isoDateOf, lineOf, shortLineOf, yearGroupOf, yesNoOf } from "./values.ts";

const STATUSES: Readonly<Record<string, LearnerStatus>> = {
  current: "Current",
  onroll: "Current",
  applicant: "Applicant",
  preadmission: "Applicant",
  leaver: "Leaver",
  left: "Leaver",
};
const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/**
 * Reads the list that a file holds; which one it is follows from its headings.
 * @param isComplete the office says that everybody is in it
 * @throws {FeedRefusal} where it cannot be read as a whole
 */
export function readSheet(bytes: Uint8Array, name: string, isComplete: boolean): Feed {
  const outcome = readTable(bytes, name);
  if ("refused" in outcome) throw new FeedRefusal(outcome.refused.sentence);
  const { table } = outcome;
  const header = findSheetHeader(table);
  const places = [...header.at.values()];
  const rows = table.rows.filter((row) =>
    row.number > header.row && places.some((place) => meantCell(row.cells[place])?.text.trim())
  );
  if (rows.length === 0) {
    throw new FeedRefusal(
      `There are no rows below the headings in row ${header.row} of ${name}. Nothing was changed.`,
    );
  }
  const feed = new FeedBuilder(header.kind);
  if (header.kind === "Learners sheet") readLearners(feed, name, rows, header.at);
  else readContacts(feed, name, rows, header.at);
  const list = header.kind === "Learners sheet" ? "List of learners" : "List of contacts";
  return feed.finish({ version: list, isComplete });
}

/** The cells of one row by column, and what is wrong with them. */
class SheetRow<Key extends string> {
  readonly problems: string[] = [];
  constructor(
    readonly row: Row,
    readonly at: Places<Key>,
    readonly labelOf: (key: Key) => string,
  ) {}

  cell(key: Key): Cell | undefined {
    const place = this.at.get(key);
    return place === undefined ? undefined : meantCell(this.row.cells[place]);
  }

  line(key: Key, most: number): string | null {
    const text = lineOf(this.cell(key)?.text);
    if (text === null || [...text].length <= most) return text;
    this.wrong(key, text, `Use at most ${most} characters.`);
    return null;
  }

  date(key: Key): string | null {
    const cell = this.cell(key);
    const text = lineOf(cell?.text);
    if (text === null) return null;
    const date = dateOf(cell?.kind === "date" ? cell.plain ?? text : text);
    if (date === undefined) {
      this.wrong(key, text, "Write a date as 2014-03-02, or as 02/03/2014 with the day first.");
    }
    return date ?? null;
  }

  wrong(key: Key, value: string, sentence: string): void {
    this.problems.push(`${this.labelOf(key)} “${shortened(value)}”: ${sentence}`);
  }
}

function readLearners(
  feed: FeedBuilder,
  file: string,
  rows: readonly Row[],
  at: Places<LearnerColumn>,
): void {
  refuseMonthFirst(file, rows, [at.get("dateOfBirth"), at.get("leftOn")]);
  for (const found of rows) {
    const row = new SheetRow(found, at, (key) => sheetLabel(LEARNER_COLUMNS, key));
    const place: Place = { file, line: found.number };
    const names = namesOf(row);
    const admissionNumber = row.line("admissionNumber", 40);
    const upn = row.line("upn", 40);
    const status = statusOf(row);
    const learner = {
      ...place,
      ...names,
      id: admissionNumber ?? upn ?? "",
      admissionNumber,
      upn,
      dateOfBirth: row.date("dateOfBirth"),
      yearGroup: yearGroupOf(row.line("yearGroup", 40)),
      registrationGroup: row.line("registrationGroup", 40),
      status,
      leftOn: status === "Leaver" ? row.date("leftOn") : null,
    };
    const problems = [
      ...listOf(nameProblem(names.firstName, names.surname)),
      ...(learner.id === "" ? ["There is neither an admission number nor a UPN."] : []),
      ...row.problems,
    ];
    if (problems.length === 0) feed.learners.push(learner);
    else {
      const who = `${names.firstName} ${names.surname}`.trim();
      const id = learner.id === "" ? {} : { id: learner.id };
      feed.leaveOut("learner", { ...place, ...id, who }, problems.join(" "));
    }
  }
}

function readContacts(
  feed: FeedBuilder,
  file: string,
  rows: readonly Row[],
  at: Places<ContactColumn>,
): void {
  for (const found of rows) {
    const row = new SheetRow(found, at, (key) => sheetLabel(CONTACT_COLUMNS, key));
    const place: Place = { file, line: found.number };
    const names = namesOf(row);
    const contactId = row.line("contactId", 255);
    const email = row.line("email", 254)?.replace(/^mailto:/i, "") ?? null;
    const mobile = row.line("mobile", 40);
    const learners = learnersOf(row.cell("learners"));
    const tie = {
      ...place,
      relationship: row.line("relationship", 40),
      priority: priorityOf(row),
      parentalResponsibility: responsibilityOf(row),
    };
    const problems = [
      ...listOf(nameProblem(names.firstName, names.surname)),
      ...(learners.length === 0 ? ["There is no learner."] : []),
      ...row.problems,
    ];
    if (problems.length > 0) {
      const who = `${names.firstName} ${names.surname}`.trim();
      const id = contactId === null ? {} : { id: contactId };
      feed.leaveOut("contact", { ...place, ...id, who }, problems.join(" "));
      continue;
    }
    // Without a number, email or mobile nothing but the learner tells two adults of one name apart.
    const key = contactId ??
      `${names.firstName}\n${names.surname}\n${email ?? mobile ?? learners.join(";")}`
        .toLowerCase();
    feed.contacts.push({
      ...place,
      ...names,
      key,
      ids: contactId === null ? [] : [contactId],
      email,
      mobile,
    });
    for (const learner of learners) feed.relationships.push({ ...tie, learner, contact: key });
  }
}

function namesOf(
  row: SheetRow<LearnerColumn> | SheetRow<ContactColumn>,
): { firstName: string; surname: string } {
  return {
    firstName: lineOf(row.cell("firstName")?.text) ?? "",
    surname: lineOf(row.cell("surname")?.text) ?? "",
  };
}

function statusOf(row: SheetRow<LearnerColumn>): LearnerStatus | null {
  const text = row.line("status", 40);
  if (text === null) return null;
  const status = STATUSES[text.toLowerCase().replace(/[^a-z]/g, "")];
  if (status === undefined) row.wrong("status", text, "Enter Current, Applicant or Leaver.");
  return status ?? null;
}

function priorityOf(row: SheetRow<ContactColumn>): number | null {
  const text = row.line("priority", 40);
  if (text === null) return null;
  const priority = Number(text);
  if (/^\d{1,2}$/.test(text) && priority >= 1) return priority;
  row.wrong("priority", text, "Enter a whole number from 1 to 99.");
  return null;
}

function responsibilityOf(row: SheetRow<ContactColumn>): boolean | null {
  const cell = row.cell("parentalResponsibility");
  const answer = yesNoOf(cell?.text);
  if (answer === undefined) {
    row.wrong("parentalResponsibility", cell?.text ?? "", "Enter yes or no.");
  }
  return answer ?? null;
}

/** A number is one learner, however it is shown: 4,512 is not two. */
function learnersOf(cell: Cell | undefined): string[] {
  if (cell === undefined) return [];
  const texts = cell.kind === "number"
    ? [/[;,]/.test(cell.text) ? cell.plain ?? cell.text : cell.text]
    : cell.text.split(/[;,\n\r]+/);
  return [...new Set(texts.flatMap((text) => shortLineOf(text, 40) ?? []))];
}

function dateOf(text: string): string | undefined {
  const slashed = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/.exec(text);
  if (slashed) return dayOf(Number(slashed[3]), Number(slashed[2]), Number(slashed[1]));
  const worded = /^(\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d{4})$/i.exec(text);
  if (!worded) return isoDateOf(text);
  const month = MONTHS.indexOf(worded[2]?.toLowerCase() ?? "") + 1;
  return month === 0 ? undefined : dayOf(Number(worded[3]), month, Number(worded[1]));
}

/** One date that can only have its month first says that all have: none of them is guessed. */
function refuseMonthFirst(
  file: string,
  rows: readonly Row[],
  places: readonly (number | undefined)[],
): void {
  for (const row of rows) {
    for (const place of places) {
      const cell = place === undefined ? undefined : meantCell(row.cells[place]);
      const match = /^(\d{1,2})\/(\d{1,2})\/\d{4}$/.exec(cell?.text.trim() ?? "");
      if (cell?.kind === "date" || match === null) continue;
      if (Number(match[1]) <= 12 && Number(match[2]) > 12 && Number(match[2]) <= 31) {
        throw new FeedRefusal(
          `Row ${row.number} of ${file} has the date ${cell?.text.trim()}, with the month first. ` +
            "Dates with strokes are read with the day first, so none was read. Write them as 2014-03-02.",
        );
      }
    }
  }
}

function listOf(sentence: string | null): string[] {
  return sentence === null ? [] : [sentence];
}

function shortened(text: string): string {
  return text.length > 60 ? `${[...text].slice(0, 60).join("")}…` : text;
}
