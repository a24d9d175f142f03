// Import (Excel): the page with its two options, Upload File, Help, and the review of what a file would change.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { ImportRow, RowGroup } from "../db/excel_imports.ts";
import type { ImportColumn } from "../db/import_columns.ts";
import type { Task } from "../db/tasks.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { type OutcomeClass, Outcomes, OutcomesPage } from "./outcomes.tsx";
import { count, list, number } from "./times.ts";
import { Address, Cancel, DialogContent, DialogFoot, Icon } from "./ui.tsx";
import { ColumnsTable, UploadWindow } from "./uploads.tsx";

export type ImportLimits = { readonly megabytes: number; readonly rows: number };

/** The page: Upload File and Help. */
export function ExcelImportsPage(
  props: { frame: Frame; mayEdit: boolean; dialog?: Child },
): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title="Import (Excel)"
      place="logons"
      home="/excel-imports"
      dialog={props.dialog}
      heading={
        <Heading
          title="Import (Excel)"
          beside={
            <p class="beside">
              <a href="/logons">Parent Logons</a>
            </p>
          }
        />
      }
    >
      <p class="buttons">
        {props.mayEdit && (
          <a class="button blue" href="/excel-imports/new" data-opens>
            <Icon name="upload" /> Upload File
          </a>
        )}
        <a class="button" href="/excel-imports/help" data-opens>
          <Icon name="circle-help" /> Help
        </a>
      </p>
      <section class="card steps">
        <h2>How it goes</h2>
        <ol>
          <li>Help says which columns a workbook needs, and has a template to fill in.</li>
          <li>Upload File reads the workbook. Nobody is mailed.</li>
          <li>
            New logons and new links are written at once. If a row has an error, or would change a
            logon that is there, or a heading seems misspelt, nothing is written before you have
            seen it.
          </li>
          <li>
            Afterwards you can download your rows with what became of each, mend those that were
            left out, and upload it again.
          </li>
        </ol>
      </section>
    </OfficePage>
  );
}

/** The window in which a file is chosen. */
export function UploadDialog(
  props: { limits: ImportLimits; problem?: string | undefined },
): JSX.Element {
  return (
    <UploadWindow
      title="Upload File"
      action="/excel-imports"
      hint={`An Excel workbook (.xlsx) or a .csv file, at most ${props.limits.megabytes} MB and ${
        number(props.limits.rows)
      } rows.`}
      accept=".xlsx,.csv"
      problem={props.problem}
    />
  );
}

/** The window that describes the format, from the same list that the importer reads. */
export function HelpDialog(
  props: { columns: readonly ImportColumn[]; limits: ImportLimits },
): JSX.Element {
  return (
    <DialogContent title="Help" wide>
      <div class="body">
        <p>
          The headings below stand in one row, in any order, within the first 20; rows above it and
          other columns are ignored. Only {list(
            props.columns.filter((column) => column.required).map((column) => column.label),
          )}{" "}
          must be there. Case, spaces and underscores in headings do not matter. Of several sheets
          the one called Parent Logons is read, else the first that is not hidden.
        </p>
        <ColumnsTable columns={props.columns} />
        <p>
          An empty cell leaves the value as it is. An import adds links to learners and never takes
          one away. Save as .xlsx or .csv, with at most {number(props.limits.rows)} rows and{" "}
          {props.limits.megabytes} MB.
        </p>
      </div>
      <DialogFoot>
        <a class="button start" href="/excel-imports/template.xlsx" download>
          <Icon name="download" /> Download the template
        </a>
        <Cancel href="/excel-imports" label="Close" />
      </DialogFoot>
    </DialogContent>
  );
}

/** In the order in which the office wants to see them: what needs a decision first. */
export const IMPORT_CLASSES: readonly OutcomeClass<RowGroup>[] = [
  { name: "failed", label: "not written", isBad: true },
  { name: "error", label: "error", isBad: true },
  { name: "blocked", label: "blocked", isBad: true },
  { name: "update", label: "update" },
  { name: "restore", label: "restore" },
  { name: "create", label: "create" },
  { name: "link", label: "link" },
  { name: "unchanged", label: "unchanged" },
];

export type ReviewProps = {
  readonly task: Task;
  readonly counts: Readonly<Record<RowGroup, number>>;
  /** Rows that would give another email to a logon that somebody uses. */
  readonly emailChanges: number;
  readonly shown: RowGroup | null;
  readonly items: readonly ImportRow[];
  readonly next: number | null;
  readonly mayEdit: boolean;
  /** The way to undo it, or who has. */
  readonly undo: JSX.Element | null;
};

/** What a file would change, or has changed: classes to filter by, rows with reasons, and the decision. */
export function ExcelImportPage(props: ReviewProps & { frame: Frame }): JSX.Element {
  const { failed: _, ...classes } = props.counts;
  const total = Object.values(classes).reduce((sum, value) => sum + value, 0);
  return (
    <OutcomesPage
      frame={props.frame}
      task={props.task}
      place="logons"
      beside={total > 0 && count(total, "row")}
    >
      <ImportReview {...props} />
    </OutcomesPage>
  );
}

/** The piece that draws itself anew while the import runs. */
export function ImportReview(props: ReviewProps): JSX.Element {
  const counts: Readonly<Record<string, number>> = props.counts;
  const isBad = IMPORT_CLASSES.some(({ name, isBad }) => isBad && name === props.shown);
  return (
    <Outcomes
      task={props.task}
      address={`/excel-imports/${props.task.id}`}
      label="Rows of the file"
      noun="Rows"
      classes={IMPORT_CLASSES}
      countOf={(name) => counts[name] ?? 0}
      shown={props.shown}
      columns={[
        { label: "Row", numeric: true },
        { label: "Parent" },
        { label: "Username" },
        { label: "Learners" },
        { label: isBad ? "What is wrong" : "What happens" },
      ]}
      next={props.next}
      nextLabel="Next rows"
      hasRows={props.items.length > 0}
      notes={
        <>
          <WhatWasRead task={props.task} />
          {props.undo}
        </>
      }
      decision={
        <>
          {props.emailChanges > 0 && <EmailChanges changes={props.emailChanges} />}
          <Decision {...props} />
        </>
      }
    >
      {props.items.map((row) => (
        <tr>
          <td class="numeric" data-label="Row">{row.position}</td>
          <td data-label="Parent">
            <bdi>
              {[row.input.firstName || "— no first name", row.input.surname || "— no surname"]
                .join(" ")}
            </bdi>
            {row.input.email && (
              <span class="below soft">
                <Address>{row.input.email}</Address>
              </span>
            )}
          </td>
          <td data-label="Username">
            <Address>{row.plan.username || row.input.username || "—"}</Address>
          </td>
          <td data-label="Learners">
            <bdi>{row.input.learners ?? "—"}</bdi>
          </td>
          <td data-label="What happens">
            <WhatHappens row={row} task={props.task} />
          </td>
        </tr>
      ))}
    </Outcomes>
  );
}

/** Which sheet, and which of its columns mean nothing to an import. */
function WhatWasRead({ task }: { task: Task }): JSX.Element | null {
  const { sheet, headerRow, ignoredColumns } = task.facts;
  if (typeof headerRow !== "number") return null;
  return (
    <p class="soft">
      {sheet
        ? (
          <>
            Read from the sheet <bdi>“{sheet}”</bdi>
          </>
        )
        : "Read"} with the headings in row {headerRow}.
      {ignoredColumns ? ` Columns that were not read: ${ignoredColumns}.` : ""}
    </p>
  );
}

/** What follows where parents who sign in already get another email. */
function EmailChanges(props: { changes: number }): JSX.Element {
  return (
    <p>
      <strong>
        {count(props.changes, "email")} of {props.changes === 1 ? "a logon" : "logons"}{" "}
        in use would change.
      </strong>{" "}
      Each old address is told, and before a password is sent to a new one you are asked how you
      know who wanted that.
    </p>
  );
}

function WhatHappens(props: { row: ImportRow; task: Task }): JSX.Element {
  const { row, task } = props;
  const decided = task.finishedAt !== null;
  const isLate = task.state === "cancelled" && row.state === "planned";
  const wrong = row.class === "error" || row.class === "blocked" || row.state === "failed";
  return (
    <ul class="reasons">
      {row.state === "failed" && <li class="problem">Not written:</li>}
      {isLate && <li class="soft">Not written: the import was cancelled before this row.</li>}
      {row.state === "left out" && !decided && <li class="soft">Will be left out.</li>}
      {row.state === "left out" && decided && <li class="soft">Left out.</li>}
      {row.problems.map((problem) => (
        <li>
          {problem.column !== "" && <strong>{problem.column}</strong>}{" "}
          {problem.value !== "" && <bdi>“{problem.value}”:</bdi>} {problem.sentence}
        </li>
      ))}
      {!wrong && !isLate && changesOf(row).map((change) => <li>{change}</li>)}
    </ul>
  );
}

function changesOf(row: ImportRow): string[] {
  const { plan } = row;
  const links = plan.learnerIds.length;
  const set = row.class === "create" ? [] : [
    ...(plan.set.firstName === undefined ? [] : [`First name becomes “${plan.set.firstName}”.`]),
    ...(plan.set.surname === undefined ? [] : [`Surname becomes “${plan.set.surname}”.`]),
    ...(plan.set.email === undefined ? [] : [`Email becomes “${plan.set.email}”.`]),
  ];
  return [
    ...(row.class === "create" ? ["A new logon."] : []),
    ...(row.class === "restore" ? ["The deleted logon is restored."] : []),
    ...(row.class === "unchanged" ? ["Nothing changes."] : []),
    ...set,
    ...(links > 0 ? [`${count(links, "learner")} linked.`] : []),
    ...(plan.passwordRow === row.position ? ["A temporary password is set."] : []),
    ...(plan.tfa ? ["Two factor authentication becomes required."] : []),
    ...(plan.follows === null ? [] : [`Belongs to the same parent as row ${plan.follows}.`]),
  ];
}

function Decision(props: ReviewProps): JSX.Element | null {
  const { task, counts } = props;
  const importable = counts.create + counts.update + counts.link + counts.restore;
  const download = task.resultName !== null && props.mayEdit && (
    <a class="button" href={`/tasks/${task.id}/file`} download>
      <Icon name="download" /> Download with reasons
    </a>
  );
  if (task.state !== "needs review" || !props.mayEdit) {
    return download ? <p class="buttons decision">{download}</p> : null;
  }
  return (
    <div class="buttons decision">
      {importable > 0 && (
        <form method="post" action={`/excel-imports/${task.id}/approval`}>
          <button type="submit" class="button blue">Import {count(importable, "row")}</button>
        </form>
      )}
      {download}
      <form method="post" action={`/tasks/${task.id}/cancellation`}>
        <button type="submit" class="button">Cancel import</button>
      </form>
      {importable === 0 && (
        <p>
          No row can be imported as it is. Download the rows with the reasons, mend them, and upload
          the file again.
        </p>
      )}
    </div>
  );
}
