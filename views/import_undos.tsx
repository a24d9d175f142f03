// The undo of an import: what it would do and what not, before it is done, and who has done it when.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { ImportUndo, RefusedUndo, UndoCounts, UndoReason } from "../db/import_undos.ts";
import type { Task } from "../db/tasks.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { count, list, number, type Times } from "./times.ts";
import { Address, ConfirmPassword, Name, ProblemSummary } from "./ui.tsx";

export type UndoProps = {
  readonly task: Task;
  /** The import's own page. */
  readonly home: string;
  /** What would be, or what was, done. */
  readonly counts: UndoCounts;
  readonly done: ImportUndo | null;
  readonly refused: readonly RefusedUndo[];
  /** The last logon of the page, if there are more. */
  readonly next: number | null;
  readonly restoreDays: number;
  readonly times: Times;
  /** Whether the own password is asked for. */
  readonly confirm: boolean;
  readonly problem?: string | undefined;
};

/** Why a logon stays as it is, and what can be done. */
const REASONS: Readonly<Record<UndoReason, string>> = {
  gone: "Was deleted already.",
  "signed in": "The parent has signed in. Delete the logon by hand if it must go.",
  mailed: "Login details were mailed or printed, so that somebody may have a password. Look at " +
    "the ledger, and change or delete the logon by hand.",
  changed: "Was changed after the import. Look at its history, and change or delete it by hand.",
  password: "The import set a password, and the one before is not kept. Change it by hand.",
  blocked: "A block of its contact holds for this logon, and would not any more. Ask an " +
    "administrator.",
};

/** The page: what would be done, what stays and why, and the question; afterwards, what was done. */
export function ImportUndoPage(props: UndoProps & { frame: Frame }): JSX.Element {
  const { task, home, done, problem } = props;
  return (
    <OfficePage
      frame={props.frame}
      title="Undo this import"
      place="logons"
      heading={
        <Heading
          title="Undo this import"
          beside={
            <p class="beside">
              <a href={home}>
                <bdi>{task.title}</bdi>
              </a>
            </p>
          }
        />
      }
    >
      <section id="import" class="stack" aria-label="Undo this import">
        {problem !== undefined && <ProblemSummary problems={[["own_password", problem]]} />}
        <div class="card">
          {done === null ? <Question {...props} /> : <UndoDone done={done} times={props.times} />}
        </div>
        {props.refused.length > 0 && <RefusedTable {...props} />}
      </section>
    </OfficePage>
  );
}

function Question(props: UndoProps): JSX.Element {
  const { task, counts, home } = props;
  const { deleted, putBack, links, refused } = counts;
  if (task.finishedAt === null) {
    return (
      <p>
        This import is not over yet. <a href={home}>Look how far it is</a>.
      </p>
    );
  }
  if (deleted + putBack + links === 0) {
    return (
      <p>
        {refused === 0
          ? "This import has changed nothing, so there is nothing to undo."
          : "Nothing of this import can be undone any more. Below is why."}{" "}
        <a href={home}>Back to the import</a>
      </p>
    );
  }
  return (
    <form method="post" action={`${home}/undo`} class="stack" novalidate>
      <ul class="facts">
        {deleted > 0 && (
          <li>
            <strong>{count(deleted, "logon")}</strong>{" "}
            would be deleted. Whoever is signed in is signed out. Each can be restored for{" "}
            {count(props.restoreDays, "day")}.
          </li>
        )}
        {putBack > 0 && (
          <li>
            <strong>{count(putBack, "logon")}</strong>{" "}
            would get back the names, email and two factor authentication of before.
          </li>
        )}
        {links > 0 && (
          <li>
            <strong>{count(links, "link")}</strong> to learners would be taken away.
          </li>
        )}
        <li>
          {refused === 0 ? "Nothing else would change." : (
            <>
              <strong>{count(refused, "logon")}</strong> cannot be undone and{" "}
              {refused === 1 ? "stays as it is" : "stay as they are"}: below is why.
            </>
          )}
        </li>
      </ul>
      <ConfirmPassword needed={props.confirm} problem={props.problem} />
      <div class="buttons">
        <button type="submit" class="button red">Undo this import</button>
        <a class="button" href={home}>Cancel</a>
      </div>
    </form>
  );
}

function UndoDone(props: { done: ImportUndo; times: Times }): JSX.Element {
  const { done, times } = props;
  return (
    <p>
      <bdi>{done.who}</bdi> has undone this import on{" "}
      <time datetime={done.at.toISOString()}>{times.full(done.at)}</time>: {sentence(done)}
    </p>
  );
}

function sentence({ deleted, putBack, links, refused }: UndoCounts): string {
  const parts = [
    ...(deleted > 0 ? [`${count(deleted, "logon")} deleted`] : []),
    ...(putBack > 0 ? [`${number(putBack)} put back as before`] : []),
    ...(links > 0 ? [`${count(links, "link")} to learners taken away`] : []),
    ...(refused > 0
      ? [`${count(refused, "logon")} left as ${refused === 1 ? "it is" : "they are"}`]
      : []),
  ];
  return `${list(parts)}.`;
}

function RefusedTable(props: UndoProps): JSX.Element {
  return (
    <>
      <h2 id="refused-title">
        {props.done === null ? "What cannot be undone" : "What could not be undone"}
      </h2>
      <div class="table">
        <table aria-labelledby="refused-title">
          <thead>
            <tr>
              <th scope="col">Parent</th>
              <th scope="col">Username</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {props.refused.map((logon) => (
              <tr>
                <td data-label="Parent">
                  {logon.isDeleted
                    ? <Name of={logon} />
                    : (
                      <a href={`/logons?q=${encodeURIComponent(logon.username)}`}>
                        <Name of={logon} />
                      </a>
                    )}
                </td>
                <td data-label="Username">
                  <Address>{logon.username}</Address>
                </td>
                <td data-label="Why">{REASONS[logon.reason]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {props.next !== null && (
        <nav class="pager" aria-label="Pages">
          <a class="button" href={`${props.home}/undo?after=${props.next}`}>Next logons</a>
        </nav>
      )}
    </>
  );
}

/** On the import's own page: the way to undo it, or who has. */
export function UndoNote(
  props: { home: string; done: ImportUndo | null; times: Times },
): JSX.Element {
  const { home, done } = props;
  if (done === null) {
    return (
      <p>
        <a href={`${home}/undo`}>Undo this import</a>
      </p>
    );
  }
  return (
    <div class="stack">
      <UndoDone done={done} times={props.times} />
      {done.refused > 0 && (
        <p>
          <a href={`${home}/undo`}>What could not be undone, and why</a>
        </p>
      )}
    </div>
  );
}
