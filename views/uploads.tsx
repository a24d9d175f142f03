// The window in which a file is chosen, and the table that says what its columns hold.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { uploadsInDialog } from "./swap.tsx";
import { Cancel, DialogContent, DialogFoot, ProblemSummary } from "./ui.tsx";

/** The window in which a file is chosen. */
export function UploadWindow(
  props: {
    title: string;
    /** Where the file goes, and the page that the window stands on. */
    action: string;
    hint: string;
    /** Endings, as ".xlsx,.csv". */
    accept: string;
    problem?: string | undefined;
    /** Choices below the file. */
    children?: Child;
    /** What the blue button says. */
    verb?: string;
  },
): JSX.Element {
  const problems = props.problem ? [["file", props.problem] as const] : [];
  return (
    <DialogContent title={props.title}>
      <form
        method="post"
        action={props.action}
        enctype="multipart/form-data"
        novalidate
        {...uploadsInDialog(props.action)}
      >
        <div class="body">
          <ProblemSummary problems={problems} />
          <div class={props.problem ? "field wrong" : "field"}>
            <label for="field-file">Choose File</label>
            <p class="hint" id="field-file-hint">{props.hint}</p>
            <input
              id="field-file"
              name="file"
              type="file"
              accept={props.accept}
              aria-describedby={props.problem
                ? "field-file-hint field-file-problem"
                : "field-file-hint"}
              aria-invalid={props.problem ? "true" : undefined}
              autofocus={!props.problem}
            />
            {props.problem && <p class="problem" id="field-file-problem">{props.problem}</p>}
          </div>
          {props.children}
          <p class="waits soft" role="status">
            <progress aria-label="Uploading" /> Uploading
          </p>
        </div>
        <DialogFoot>
          <Cancel href={props.action} />
          <button type="submit" class="button blue">{props.verb ?? "Import"}</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** A column as Help shows it. */
export type ShownColumn = {
  readonly label: string;
  readonly required: boolean;
  readonly aliases: readonly string[];
  readonly rule: string;
};

/** What each column holds, and what else it may be called. */
export function ColumnsTable(props: { columns: readonly ShownColumn[] }): JSX.Element {
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">What it holds</th>
            <th scope="col">Also called</th>
          </tr>
        </thead>
        <tbody>
          {props.columns.map((column) => (
            <tr>
              <th scope="row" data-label="Column">
                {column.required ? `${column.label} (must be there)` : column.label}
              </th>
              <td data-label="What it holds">{column.rule}</td>
              <td data-label="Also called" class="soft small">{column.aliases.join(", ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
