// Feeds: what was read last, Upload a file, and Help.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Task } from "../db/tasks.ts";
import { versionOf } from "./feed_sentences.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Option, Options } from "./options.tsx";
import { TaskLinks, TaskState } from "./task_alerts.tsx";
import { count, type Times } from "./times.ts";
import { Cancel, DialogContent, DialogFoot, EmptyState, Icon } from "./ui.tsx";
import { ColumnsTable, type ShownColumn, UploadWindow } from "./uploads.tsx";

/** Where the program looks by itself, and when; null where no folder is set. */
export type Nightly = { readonly folder: string; readonly at: string } | null;

export type FeedsProps = {
  readonly tasks: readonly Task[];
  readonly nightly: Nightly;
  /** Relationships of which nobody has said whether there is Parental Responsibility. */
  readonly unknown: number;
  readonly times: Times;
  readonly mayEdit: boolean;
  /** Whether the operator's settings may be spoken of. */
  readonly mayAdminister: boolean;
};

/** The page: what was read last and what came of it. */
export function FeedsPage(props: FeedsProps & { frame: Frame; dialog?: Child }): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title="Feeds"
      place="feeds"
      home="/feeds"
      dialog={props.dialog}
      heading={<Heading title="Feeds" />}
      options={
        <Options>
          <Option href="/feeds/new" icon="upload" able={props.mayEdit} main window>
            Upload a file
          </Option>
          <Option href="/feeds/help" icon="circle-help" able window>Help</Option>
          <Option href="/parental-responsibilities" icon="users-round" able>
            Parental Responsibility
          </Option>
        </Options>
      }
    >
      <div class="stack">
        <p class="soft">
          A feed brings learners and contacts from the school’s management system. It never changes
          a logon. {nightlySentence(props)}
        </p>
        {props.unknown > 0 && (
          <p class="notice">
            For {count(props.unknown, "relationship")}{" "}
            it is not known whether there is Parental Responsibility. By those nobody can be
            imported as a parent.{" "}
            <a href="/parental-responsibilities">Say yes or no for many at once</a>
          </p>
        )}
        {props.tasks.length === 0
          ? (
            <EmptyState icon="upload" title="No feed yet">
              <p>
                Choose Upload a file: a list of learners or of contacts, a OneRoster or School Data
                Sync package, or a Common Transfer File. Nothing is written before you have seen
                what would change.
              </p>
            </EmptyState>
          )
          : <FeedsTable {...props} />}
      </div>
    </OfficePage>
  );
}

function nightlySentence({ nightly, mayAdminister }: FeedsProps): string {
  if (nightly !== null) {
    return `Every night at ${nightly.at} the newest files in ${nightly.folder} are read.`;
  }
  return mayAdminister
    ? "None is read at night: whoever looks after the program sets FEED_FOLDER."
    : "None is read at night.";
}

function FeedsTable(props: FeedsProps): JSX.Element {
  return (
    <div class="table">
      <table>
        <caption class="quiet">The feeds that were read last</caption>
        <thead>
          <tr>
            <th scope="col">Feed</th>
            <th scope="col">Read by</th>
            <th scope="col">When</th>
            <th scope="col">What it did</th>
          </tr>
        </thead>
        <tbody>
          {props.tasks.map((task) => (
            <tr>
              <td data-label="Feed">
                <a href={`/feeds/${task.id}`}>
                  <bdi>{fileOf(task)}</bdi>
                </a>
                <br />
                <span class="soft small">{versionOf(task)}</span>
              </td>
              <td data-label="Read by">
                <bdi>{task.adminName ?? "the program, from the folder"}</bdi>
              </td>
              <td data-label="When">{props.times.brief(task.createdAt)}</td>
              <td data-label="What it did">
                <TaskState task={task} />
                <div class="actions">
                  <TaskLinks task={task} mayEdit={props.mayEdit} />
                  <a href={`/tasks/${task.id}`} aria-label={`Details of task ${task.id}`}>
                    Details
                  </a>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function fileOf(task: Task): string {
  const name = task.facts["file"];
  return typeof name === "string" ? name : task.title;
}

/** The window in which a file is chosen. */
export function FeedDialog(
  props: { megabytes: number; problem?: string | undefined },
): JSX.Element {
  return (
    <UploadWindow
      title="Upload a file"
      action="/feeds"
      hint={`A list of learners or of contacts (.xlsx, .csv), a OneRoster or School Data Sync package (.zip), or a Common Transfer File (.xml), at most ${props.megabytes} MB. Which one it is shows by its content.`}
      accept=".xlsx,.csv,.zip,.xml"
      problem={props.problem}
      verb="Read it"
    >
      <label class="choice">
        <input
          type="checkbox"
          name="complete"
          value="yes"
          autocomplete="off"
          aria-describedby="complete-hint"
        />
        This file holds everybody
      </label>
      <p class="hint" id="complete-hint">
        Then whoever came with an earlier feed of this kind and is missing has left. A OneRoster
        package says this itself; a Common Transfer File never holds everybody.
      </p>
    </UploadWindow>
  );
}

/** The window that describes the two lists, from the columns that are read, and the other formats. */
export function FeedHelp(
  props: { learners: readonly ShownColumn[]; contacts: readonly ShownColumn[] },
): JSX.Element {
  return (
    <DialogContent title="Help" wide>
      <div class="body">
        <p>
          Headings may stand in any order within the first 20 rows; other columns are ignored. An
          empty cell leaves the value as it is: no feed takes a value away.
        </p>
        <h3>List of learners</h3>
        <ColumnsTable columns={props.learners} />
        <h3>List of contacts</h3>
        <ColumnsTable columns={props.contacts} />
        <h3>Packages and files of other systems</h3>
        <p>
          <strong>OneRoster</strong>{" "}
          1.0 to 1.2 as CSV in a .zip: learners are users with the role student, contacts those with
          the role parent, guardian or relative, tied by agentSourcedIds. It knows no Parental
          Responsibility: say it afterwards, for many at once.
        </p>
        <p>
          <strong>School Data Sync</strong>{" "}
          2.1 and 2 as CSV in a .zip: contacts are those in relationships.csv.
        </p>
        <p>
          <strong>Common Transfer File</strong>{" "}
          (.xml): pupils are known by their UPN, contacts by name and email. Where it does not say
          whether a contact has Parental Responsibility, that is not known, never no.
        </p>
      </div>
      <DialogFoot>
        <a class="button start" href="/feeds/templates/learners.xlsx" download>
          <Icon name="download" /> Template for learners
        </a>
        <a class="button" href="/feeds/templates/contacts.xlsx" download>
          <Icon name="download" /> Template for contacts
        </a>
        <Cancel href="/feeds" label="Close" />
      </DialogFoot>
    </DialogContent>
  );
}
