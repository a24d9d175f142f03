// Why can't they log in? One sentence with the button that mends it, what else is in the way, and the last tries in plain words.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { AccessFacts, AccessMail, AccessReason, AccessTry } from "../db/logon_access.ts";
import { submitsInDialog } from "./swap.tsx";
import { OUTCOMES } from "./sign_ins.tsx";
import { count, list, type Times } from "./times.ts";
import { Address, Cancel, DialogContent, DialogFoot, Name } from "./ui.tsx";

export type AccessWindow = {
  readonly facts: AccessFacts;
  /** The most telling first; never empty. */
  readonly reasons: readonly AccessReason[];
  readonly tries: readonly AccessTry[];
  /** Where parents sign in. */
  readonly portal: string;
  readonly mayEdit: boolean;
  readonly mayAdminister: boolean;
  /** Whether this admin may know why a link is blocked. */
  readonly seesBlocks: boolean;
  /** What was just done. */
  readonly said?: string | undefined;
  /** The list's address, so that closing leads back to it. */
  readonly query: string;
};

type Shown = AccessWindow & { readonly times: Times };

export function AccessDialog(props: Shown): JSX.Element {
  const { facts, reasons, said } = props;
  const [first, ...others] = reasons;
  return (
    <DialogContent title="Why can’t they log in?">
      <div class="body">
        {said !== undefined && <p class="notice green" role="status">{said}</p>}
        <p>
          <strong>
            <Name of={facts} />
          </strong>{" "}
          <span class="soft">
            signs in as <Address>{facts.username}</Address> at <Address>{props.portal}</Address>
          </span>
        </p>
        {first !== undefined && <Reason {...props} reason={first} main />}
        {others.length > 0 && (
          <section class="access-more" aria-label="Also worth knowing">
            <h3>Also worth knowing</h3>
            {others.map((reason) => <Reason {...props} reason={reason} />)}
          </section>
        )}
        <Tries logon={props.facts.id} tries={props.tries} times={props.times} />
      </div>
      <DialogFoot>
        <Cancel href={`/logons${props.query}`} label="Close" />
      </DialogFoot>
    </DialogContent>
  );
}

function Reason(props: Shown & { reason: AccessReason; main?: boolean }): JSX.Element {
  const fix = fixOf(props, props.reason);
  return (
    <div class={props.main ? "access-reason main" : "access-reason"} role="group">
      <div>{sentenceOf(props, props.reason)}</div>
      {fix !== null && props.mayEdit && (
        <Mend fix={fix} main={props.main ?? false} query={props.query} />
      )}
    </div>
  );
}

/** What mends it: a window to open, or a form to send. */
type Fix =
  | { readonly label: string; readonly opens: string }
  | { readonly label: string; readonly leads: string }
  | { readonly label: string; readonly posts: string };

function Mend(props: { fix: Fix; main: boolean; query: string }): JSX.Element {
  const { fix } = props;
  const { main } = props;
  const look = main ? "button blue" : "button small";
  if ("opens" in fix) {
    return <a class={look} autofocus={main} href={fix.opens} data-opens>{fix.label}</a>;
  }
  if ("leads" in fix) return <a class={look} autofocus={main} href={fix.leads}>{fix.label}</a>;
  return (
    <form method="post" action={fix.posts} {...submitsInDialog(fix.posts)}>
      <input type="hidden" name="query" value={props.query} />
      <button type="submit" class={look} autofocus={main}>{fix.label}</button>
    </form>
  );
}

function fixOf({ facts, query, mayAdminister }: Shown, reason: AccessReason): Fix | null {
  const at = `/logons/${facts.id}`;
  const edit = `${at}/edit${query}`;
  const send = `${at}/credentials`;
  const isGone = facts.deletedAt !== null;
  if (isGone && reason.kind !== "deleted") return null;
  const letter = { label: "Print a letter", opens: `/letters/new?logon=${facts.id}` };
  const mail = (label: string): Fix => facts.email === null ? letter : { label, opens: send };
  switch (reason.kind) {
    case "portal off":
      return mayAdminister ? { label: "Open Settings", leads: "/settings" } : null;
    case "deleted":
      return { label: "Restore", posts: `${at}/restoration` };
    case "suspended":
      return { label: "Lift the suspension", posts: `${at}/reinstatement` };
    case "expired":
      return { label: "Set another date", opens: edit };
    case "locked":
      return { label: "Unlock now", posts: `${at}/unlocking` };
    case "address locked":
      return { label: "Unlock that network", posts: `${at}/network-unlocking` };
    case "no password":
      return mail("Email login details");
    case "mail failed":
      return reason.mail.state === "unknown"
        ? mail("Send again")
        : reason.mail.address === facts.email
        ? { label: "Correct the email", opens: edit }
        : mail("Send to the new email");
    case "mail waits":
      return { label: "Check the email", opens: edit };
    case "letter waits":
      return reason.letter.taskId === null
        ? null
        : { label: "Open its page", leads: `/letters/${reason.letter.taskId}` };
    case "password expired":
      return mail("Send a new one");
    case "wrong password":
      return mail("Send a new password");
    case "password unused":
      return reason.mail?.kind === "letter" ? letter : mail("Send again");
    case "email unchecked":
      return mail("Email login details");
    case "email read by blocked":
      return { label: "Change the email", opens: edit };
    case "tfa not set up":
    case "code not checked":
    case "wrong code":
      return { label: "Two factor authentication", opens: `${at}/tfa${query}` };
    case "no learner":
      return { label: "Link a learner", opens: edit };
    case "blocked":
    case "nothing":
      return null;
  }
}

function sentenceOf(props: Shown, reason: AccessReason): Child {
  const { facts, times } = props;
  switch (reason.kind) {
    case "portal off":
      return (
        <>
          <p>The portal is closed for everybody just now.</p>
          {reason.message !== "" && <blockquote>{reason.message}</blockquote>}
          {!props.mayAdminister && <p class="soft">An administrator opens it in Settings.</p>}
        </>
      );
    case "deleted":
      return (
        <p>
          This logon was deleted on {times.full(reason.at)}. Restored, it works as it did before.
        </p>
      );
    case "suspended":
      return (
        <>
          <p>This logon has been suspended since {times.full(reason.since)}.</p>
          {reason.reason !== null && <blockquote>{reason.reason}</blockquote>}
        </>
      );
    case "expired":
      return <p>This logon has expired: its last day was {times.day(noonOf(reason.on))}.</p>;
    case "locked":
      return (
        <p>
          Locked until {times.clock(reason.wait.until)}, after {count(
            reason.wait.failures,
            reason.by === "password" ? "wrong password" : "wrong code",
          )} in a row. It opens by itself then.
        </p>
      );
    case "address locked":
      return (
        <p>
          The network that they tried from last waits until {times.clock(reason.wait.until)}, after
          {" "}
          {count(reason.wait.failures, "wrong try", "wrong tries")}{" "}
          from it, with whatever usernames. Others may share it, such as everybody in a school or a
          block of flats. It opens by itself then.
        </p>
      );
    case "no password":
      return facts.email === null
        ? <p>There is no password yet, and no email to send one to.</p>
        : <p>There is no password yet: none was sent, and none was typed in.</p>;
    case "mail failed":
      return <MailFailed mail={reason.mail} times={times} />;
    case "mail waits":
      return <MailWaits mail={reason.mail} times={times} />;
    case "letter waits":
      return <LetterWaits letter={reason.letter} times={times} />;
    case "password expired":
      return <p>The temporary password expired on {times.full(reason.at)}.</p>;
    case "wrong password":
      return (
        <p>
          The password was wrong {timesSaid(reason, times)}{" "}
          since it was last right. The username was right each time.
        </p>
      );
    case "password unused":
      return <PasswordUnused reason={reason} times={times} />;
    case "email unchecked":
      return (
        <p>
          Their email was changed, and nobody has said yet how they knew who was asking. Until
          somebody does, a forgotten password is not mailed to it.
        </p>
      );
    case "tfa not set up":
      return reason.hasPasskey
        ? (
          <p>
            Two factor authentication is required, and they have a passkey: the portal asks for it
            after the password, on the device that has it. Is that device lost, the button leads to
            where it is taken away.
          </p>
        )
        : (
          <p>
            Two factor authentication is required and not set up yet. The portal leads there after
            the password; an authenticator app on a phone or computer is needed.
          </p>
        );
    case "email read by blocked":
      return (
        <p>
          Their email is also that of somebody who is blocked from one of their learners, so a
          forgotten password is not mailed to it. They need an email of their own, or a letter.
        </p>
      );
    case "code not checked":
      return (
        <p>
          The code of {times.full(reason.at)}{" "}
          could not be checked: this server had another key then than the one their phone was set up
          under. Whoever runs the server can put the old key back. {facts.passkeys > 0
            ? "Until then they can sign in with their passkey, or set up their phone anew once it was taken off."
            : "Until then they can only set up their phone anew, once it was taken off."}
        </p>
      );
    case "wrong code":
      return (
        <p>
          The password was right, and the code from the phone wrong{" "}
          {timesSaid(reason, times)}. Codes depend on the time: ask whether the phone’s clock sets
          itself.
        </p>
      );
    case "no learner":
      return reason.linked === 0 ? <p>They see nobody on the portal: no learner is linked.</p> : (
        <p>
          They see nobody on the portal: every learner who is linked has left too long ago.
        </p>
      );
    case "blocked":
      return <Blocked blocks={reason.blocks} seesBlocks={props.seesBlocks} />;
    case "nothing":
      return <Nothing lastSuccess={reason.lastSuccess} times={times} />;
  }
}

function MailFailed(props: { mail: AccessMail; times: Times }): JSX.Element {
  const { mail, times } = props;
  const when = times.full(mail.settledAt ?? mail.askedAt);
  return (
    <>
      <p>
        {mail.state === "unknown"
          ? "Nobody knows whether this mail with their login details got out: "
          : mail.state === "bounced"
          ? "The mail with their login details came back: "
          : "The mail with their login details was refused: "}
        {mail.address !== null && (
          <>
            to <Address>{mail.address}</Address>,{" "}
          </>
        )}
        {when}. {mail.state === "unknown"
          ? mail.mayWork
            ? "If it arrived, its password works as long as any temporary one."
            : "Even if it arrived, its password does not work any more."
          : mail.state === "bounced"
          ? "So they do not have its password."
          : "The password in it does not work."}
      </p>
      {mail.answer !== null && <Words answer={mail.answer} />}
    </>
  );
}

function MailWaits(props: { mail: AccessMail; times: Times }): JSX.Element {
  const { mail, times } = props;
  const put = mail.state === "deferred" || mail.state === "unknown";
  return (
    <>
      <p>
        The mail with their login details
        {mail.address !== null && (
          <>
            {" "}to <Address>{mail.address}</Address>
          </>
        )} {mail.paused
          ? `waits: its task was paused, and nothing is sent until somebody resumes it.`
          : put
          ? `has not got through yet. It is tried again at ${times.clock(mail.dueAt)}.`
          : `is on its way: asked for on ${times.full(mail.askedAt)}, and not accepted yet.`}
      </p>
      {put && mail.answer !== null && <Words answer={mail.answer} />}
    </>
  );
}

/** A code on paper works once the office has said that it is there. */
function LetterWaits(props: { letter: AccessMail; times: Times }): JSX.Element {
  const { letter, times } = props;
  return (
    <p>
      A letter with a code was made on {times.full(letter.askedAt)}, and {letter.state === "queued"
        ? "has not been printed yet."
        : "was opened for printing. Nobody has said yet that it came out of the printer."}{" "}
      Its code does not work until somebody presses “I have printed them” on the letter’s page.
    </p>
  );
}

/** What the mail server said, letter for letter. */
function Words(props: { answer: string }): JSX.Element {
  return (
    <blockquote>
      <span class="soft">The mail server said:</span> {props.answer}
    </blockquote>
  );
}

function PasswordUnused(
  props: { reason: Extract<AccessReason, { kind: "password unused" }>; times: Times },
): JSX.Element {
  const { reason: { mail, until }, times } = props;
  if (mail === null) {
    return (
      <p>
        The temporary password that the office set has not been used yet. It works until{" "}
        {times.full(until)}.
      </p>
    );
  }
  if (mail.kind === "letter") {
    return (
      <p>
        The code on the letter that was printed on {times.full(mail.settledAt ?? mail.askedAt)}{" "}
        has not been used yet. It is typed in place of the password, in small letters with the
        hyphens, and works until {times.full(until)}.
      </p>
    );
  }
  return (
    <p>
      The password that was mailed to <Address>{mail.address ?? ""}</Address> on{" "}
      {times.full(mail.settledAt ?? mail.askedAt)} has not been used yet. It works until{" "}
      {times.full(until)}. Ask them to look among the unwanted mail.
    </p>
  );
}

function Blocked(
  props: { blocks: AccessFacts["blocks"]; seesBlocks: boolean },
): JSX.Element {
  const names = list(props.blocks.map((block) => block.learner));
  return (
    <>
      <p>
        They do not see <bdi>{names}</bdi>: that link is blocked.{" "}
        {!props.seesBlocks && "Ask an administrator before you say anything about it."}
      </p>
      {props.seesBlocks && props.blocks.map((block) => <blockquote>{block.reason}</blockquote>)}
    </>
  );
}

function Nothing(props: { lastSuccess: Date | null; times: Times }): JSX.Element {
  return (
    <p>
      Nothing stands in the way. {props.lastSuccess === null
        ? "They have not signed in yet: compare the username and the address letter by letter."
        : `They last signed in on ${props.times.full(props.lastSuccess)}.`}
    </p>
  );
}

/** The last tries, the newest first. */
function Tries(
  props: { logon: number; tries: readonly AccessTry[]; times: Times },
): JSX.Element {
  const { tries, times } = props;
  return (
    <section class="ledger" aria-label="Last tries">
      <h3>Last tries</h3>
      {tries.length === 0
        ? (
          <p class="soft">
            Nobody has tried with this username yet. They may be typing another one.
          </p>
        )
        : (
          <ul>
            {tries.map((one) => (
              <li>
                <time datetime={one.at.toISOString()}>{times.full(one.at)}</time>:{" "}
                <strong>{OUTCOMES[one.outcome]}</strong>
                {(one.device !== null || one.ip !== null) && (
                  <span class="below soft">
                    {[one.device ?? "unknown device", one.ip].filter(Boolean).join(", ")}
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      <p>
        <a href={`/sign-ins?logon=${props.logon}`}>Every try</a>
      </p>
    </section>
  );
}

/** "once (24 November 2026, 08:12)", "5 times (the last: …, …)". */
function timesSaid(
  wrong: { readonly count: number; readonly times: readonly Date[] },
  times: Times,
): string {
  const listed = wrong.times.map((at) => times.full(at)).join("; ");
  if (wrong.count === 1) return `once (${listed})`;
  const last = wrong.count > wrong.times.length ? "the last: " : "";
  return `${count(wrong.count, "time")} (${last}${listed})`;
}

/** A moment on a day without a time that is that day in every time zone a school may have. */
function noonOf(day: string): Date {
  return new Date(`${day}T12:00:00Z`);
}
