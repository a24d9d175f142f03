// Parent Logons: the page, what can be done on it, and the answers that change its list.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Groups } from "../db/learners.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import {
  LOGON_LIST,
  LogonFilters,
  type LogonListProps,
  LogonsList,
  logonsQuery,
  LogonTotal,
} from "./logon_list.tsx";
import { Option, Options } from "./options.tsx";
import { ListAnswer } from "./sorted_lists.tsx";
import { LOGONS, Partial, posts, TOASTS } from "./swap.tsx";
import { Toast } from "./ui.tsx";

/** The page. */
export function LogonsPage(
  props: LogonListProps & { frame: Frame; groups: Groups; dialog?: Child; toasts?: Child },
): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title="Parent Logons"
      place="logons"
      options={<LogonOptions mayEdit={props.mayEdit} query={logonsQuery(props.view)} />}
      dialog={props.dialog}
      toasts={props.toasts}
      heading={<Heading title="Parent Logons" beside={<LogonTotal {...props} />} />}
    >
      {props.frame.portalBanner}
      <LogonFilters {...props} />
      <LogonsList {...props} />
    </OfficePage>
  );
}

/** What can be done, on the right. */
function LogonOptions(props: { mayEdit: boolean; query: string }): JSX.Element {
  const { mayEdit } = props;
  return (
    <Options>
      <Option href={`/logons/new${props.query}`} icon="user-round-plus" able={mayEdit} main window>
        Add Logon
      </Option>
      <Option
        href={`/contact-imports/new${props.query}`}
        icon="users-round"
        able={mayEdit}
        window
      >
        Import Contacts
      </Option>
      <Option href="/excel-imports" icon="file-spreadsheet" able>Import (Excel)</Option>
      <Option href="/usage-reports/new" icon="chart-column" able={mayEdit} window>
        Parent Portal Usage
      </Option>
      <Option href="/bulk-resets/new" icon="rotate-ccw-key" able={mayEdit} window>
        Bulk Reset
      </Option>
    </Options>
  );
}

/** What a search, a sort or a page answers. */
export function LogonsAnswer(props: LogonListProps): JSX.Element {
  return (
    <ListAnswer list={LOGON_LIST} {...props}>
      <LogonsList {...props} />
    </ListAnswer>
  );
}

/** What a change answers: the list as it is now, and a toast that says what was done. */
export function LogonsChanged(
  props: LogonListProps & { children: Child; stays?: boolean },
): JSX.Element {
  return (
    <>
      <Partial target={LOGONS}>
        <LogonsList {...props} />
      </Partial>
      <Partial target="#total">
        <LogonTotal {...props} />
      </Partial>
      <Partial target={TOASTS} swap="beforeend">
        <Toast stays={props.stays ?? false}>{props.children}</Toast>
      </Partial>
    </>
  );
}

/** "Ann Lee’s logon was deleted." with the way back. */
export function Deleted(props: { id: number; name: string }): JSX.Element {
  return (
    <>
      <bdi>{props.name}</bdi>’s logon was deleted.{" "}
      <form method="post" action={`/logons/${props.id}/restoration`} class="inline">
        <button
          type="submit"
          class="link"
          data-dismiss
          {...posts(`/logons/${props.id}/restoration`)}
        >
          Undo
        </button>
      </form>
    </>
  );
}
