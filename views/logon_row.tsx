// One row of the list: who it is, how the logon stands, and the row's icons.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { LogonRow } from "../db/logon_list.ts";
import { Envelope } from "./logon_credentials.tsx";
import { posts } from "./swap.tsx";
import { number, type Times } from "./times.ts";
import { Address, Chip, fullName, Icon, Name } from "./ui.tsx";

export function Row(
  props: { row: LogonRow; fresh: string | null; times: Times; mayEdit: boolean; query: string },
): JSX.Element {
  const { row, times } = props;
  return (
    <tr id={`logon-${row.id}`} class={props.fresh ? "fresh" : undefined}>
      <td class="who" data-label="Name">
        <strong>
          <Name of={row} />
        </strong>{" "}
        <Chips row={row} fresh={props.fresh} times={times} />
        {row.barred && <WhyNot row={row} query={props.query} />}
        <span class="below">{row.email === null ? "—" : <Address>{row.email}</Address>}</span>
      </td>
      <td data-label="Username">
        <Address>{row.username}</Address>
      </td>
      <td data-label="Linked to">
        {row.learners.length === 0 ? <span class="soft">none</span> : (
          <ul class="learners">
            {row.learners.map((learner) => (
              <li>
                <Name of={learner} />{" "}
                {learner.registrationGroup && <span class="soft">{learner.registrationGroup}</span>}
                {learner.status !== "Current" && <span class="soft">{` (${learner.status})`}</span>}
              </li>
            ))}
          </ul>
        )}
      </td>
      <td class="numeric" data-label="Times logged in">{number(row.timesLoggedIn)}</td>
      <td data-label="Last logon" class="when">
        {row.lastLogon === null
          ? "never"
          : (
            <time datetime={row.lastLogon.toISOString()} title={times.full(row.lastLogon)}>
              {times.brief(row.lastLogon)}
            </time>
          )}
      </td>
      <td class="icons">
        {props.mayEdit && <RowActions row={row} query={props.query} />}
      </td>
    </tr>
  );
}

/** The mark of a logon that opens nothing now; it leads to the reason. */
function WhyNot(props: { row: LogonRow; query: string }): JSX.Element {
  const href = `/logons/${props.row.id}/access${props.query}`;
  return (
    <a
      class="why-not"
      href={href}
      aria-label={`Why can’t ${fullName(props.row)} log in?`}
      title="Cannot log in now. Why?"
      data-opens
    >
      <Icon name="lock" class="icon tiny" />
    </a>
  );
}

function RowActions(props: { row: LogonRow; query: string }): JSX.Element {
  const { row } = props;
  const name = fullName(row);
  if (row.mergedInto !== null) return <span class="soft">in {row.mergedInto}</span>;
  if (row.deletedAt !== null) {
    const restore = `/logons/${row.id}/restoration`;
    return (
      <form method="post" action={restore}>
        <button
          type="submit"
          class="button small"
          aria-label={`Restore ${name}`}
          {...posts(restore)}
        >
          <Icon name="undo-2" /> Restore
        </button>
      </form>
    );
  }
  const edit = `/logons/${row.id}/edit${props.query}`;
  const tfa = `/logons/${row.id}/tfa${props.query}`;
  const remove = `/logons/${row.id}/deletion${props.query}`;
  return (
    <div class="row-icons">
      <a
        id={`edit-${row.id}`}
        class="icon-button"
        href={edit}
        aria-label={`Edit ${name}`}
        title="Edit"
        data-opens
      >
        <Icon name="notebook-pen" />
      </a>
      <a
        class={`icon-button tfa-${row.tfa.replace(" ", "-")}`}
        href={tfa}
        aria-label={`Two factor authentication for ${name}`}
        title={`Two factor authentication: ${
          row.tfa !== "required"
            ? row.tfa
            : row.usesPasskey
            ? "required, by passkey"
            : "required, not set up yet"
        }`}
        data-opens
      >
        <Icon name="key-round" />
      </a>
      <Envelope id={row.id} name={name} email={row.email} />
      <a
        id={`delete-${row.id}`}
        class="icon-button"
        href={remove}
        aria-label={`Delete ${name}`}
        title="Delete"
        data-opens
      >
        <Icon name="trash-2" />
      </a>
    </div>
  );
}

function Chips(props: { row: LogonRow; fresh: string | null; times: Times }): JSX.Element {
  const { row, times } = props;
  return (
    <>
      {props.fresh && <Chip tone="blue">{props.fresh}</Chip>}
      {row.deletedAt !== null && (
        <Chip tone="red">
          {row.mergedInto === null ? "deleted" : "merged"} {times.brief(row.deletedAt)}
        </Chip>
      )}
      {row.waitsUntil !== null && <Chip tone="red">locked until {times.clock(row.waitsUntil)}
      </Chip>}
      {row.suspended && <Chip tone="red">suspended</Chip>}
      {row.expired && <Chip tone="red">expired</Chip>}
      {row.emailUnchecked && (
        <Chip tone="amber" title="Nobody has said yet how they knew who wanted this email">
          email changed
        </Chip>
      )}
      {row.email === null && <Chip>no email</Chip>}
      {row.learners.length === 0 && <Chip tone="amber">no learner</Chip>}
      {row.sharesMailbox && <Chip>shares mailbox</Chip>}
      {row.contactDiffers && (
        <Chip
          tone={row.needsAttention ? "amber" : "plain"}
          title="The contact on the learner’s record has another name or email"
        >
          contact differs
        </Chip>
      )}
      {row.needsAttention && !row.contactDiffers && (
        <Chip tone="amber" title="See Needs attention">needs attention</Chip>
      )}
      {row.warned && (
        <Chip
          tone="amber"
          title="Linked to a learner for whom the contact has no Parental Responsibility"
        >
          no parental responsibility
        </Chip>
      )}
      {row.hasBlock && <Chip title="A learner is blocked for this parent">block</Chip>}
      {row.tfa === "required" && !row.usesPasskey && <Chip>TFA not set up</Chip>}
    </>
  );
}
