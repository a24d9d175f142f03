// The envelope of a row: its window, which names the address and asks first, and what was sent before.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { LedgerEntry } from "../db/credential_mail_list.ts";
import { CallerCheck, type CallerQuestion, problemsOf } from "./caller_check.tsx";
import { EntryState } from "./credential_mails.tsx";
import { submitsInDialog } from "./swap.tsx";
import { list, type Times } from "./times.ts";
import { Address, Cancel, DialogContent, DialogFoot, Icon, Name, ProblemSummary } from "./ui.tsx";

/** The envelope's window: it names the address, and asks first. */
export function EnvelopeDialog(
  props: {
    logon: { id: number; firstName: string; surname: string; email: string; username: string };
    lastLogon: Date | null;
    sharers: readonly string[];
    ledger: readonly LedgerEntry[];
    times: Times;
    days: number;
    problem?: string | undefined;
    /** Asked where the email was changed and nobody has vouched for it. */
    caller?: CallerQuestion;
  },
): JSX.Element {
  const { logon, times, caller } = props;
  const action = `/logons/${logon.id}/credentials`;
  return (
    <DialogContent title="Email login details">
      <form method="post" action={action} novalidate {...submitsInDialog(action)}>
        <div class="body">
          {props.problem && <p class="summary" role="alert">{props.problem}</p>}
          <ProblemSummary problems={problemsOf(caller)} />
          <p>
            Send <Name of={logon} /> the portal address, the username{" "}
            <Address>{logon.username}</Address> and a new password?
          </p>
          <p class="address">
            To{" "}
            <strong>
              <Address>{logon.email}</Address>
            </strong>
          </p>
          {caller && (
            <div class="caller" role="group" aria-label="Who is asking?">
              <p>
                This email was changed, and nobody has said yet how they knew who was asking.
                Whoever reads it can sign in as <Name of={logon} />.
              </p>
              <CallerCheck {...caller} />
            </div>
          )}
          <ul class="facts">
            <li>
              The new password works for {props.days}{" "}
              days. At the first sign-in they choose their own.
            </li>
            <li>
              A password that they have now works until the mail server has accepted the mail.
            </li>
            {props.lastLogon !== null && (
              <li>
                They last signed in{" "}
                {times.brief(props.lastLogon)}, and are signed out when the mail is accepted.
              </li>
            )}
            {props.sharers.length > 0 && (
              <li>
                {list(props.sharers)} {props.sharers.length === 1 ? "reads" : "read"}{" "}
                this mailbox too.
              </li>
            )}
          </ul>
          <p>
            <PrintLetter logonId={logon.id} />
          </p>
          <SentBefore logonId={logon.id} entries={props.ledger} times={times} />
        </div>
        <DialogFoot>
          <Cancel href="/logons" />
          <button type="submit" class="button blue" autofocus={caller === undefined}>Send</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** The way to a letter, for a parent whom no mail reaches. */
export function PrintLetter(props: { logonId: number }): JSX.Element {
  const href = `/letters/new?logon=${props.logonId}`;
  return <a href={href} data-opens>Print a letter instead</a>;
}

/** What was sent before, newest first, and the way to all of it. */
function SentBefore(
  props: { logonId: number; entries: readonly LedgerEntry[]; times: Times },
): JSX.Element | null {
  if (props.entries.length === 0) return null;
  return (
    <section class="ledger" aria-label="Sent before">
      <h3>Sent before</h3>
      <ul>
        {props.entries.map((entry) => (
          <li>
            {props.times.full(entry.askedAt)}
            {entry.askedBy !== null && (
              <>
                , by <bdi>{entry.askedBy}</bdi>
              </>
            )}: {entry.address !== null && (
              <span class="soft">
                to <Address>{entry.address}</Address>
              </span>
            )} <EntryState entry={entry} times={props.times} />
          </li>
        ))}
      </ul>
      <p>
        <a href={`/credential-mails?logon=${props.logonId}`}>All that was sent</a>
      </p>
    </section>
  );
}

/** The envelope of a row. Without an email it is there, says why it cannot be used, and does nothing. */
export function Envelope(
  props: { id: number; name: string; email: string | null },
): JSX.Element {
  const label = `Email login details to ${props.name}`;
  if (props.email === null) {
    return (
      <button
        type="button"
        class="icon-button"
        aria-disabled="true"
        aria-label={label}
        title="No email address: add one with Edit, or print a letter there"
      >
        <Icon name="mail" />
      </button>
    );
  }
  const href = `/logons/${props.id}/credentials`;
  return (
    <a
      class="icon-button"
      href={href}
      aria-label={label}
      title="Email login details"
      data-opens
    >
      <Icon name="mail" />
    </a>
  );
}
