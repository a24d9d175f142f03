// The window in which the office says that a mail came back.

import type { JSX } from "hono/jsx/jsx-runtime";
import type { LedgerEntry } from "../db/credential_mail_list.ts";
import { Partial, submitsInDialog, TOASTS } from "./swap.tsx";
import { Address, Cancel, DialogContent, DialogFoot, Field, Toast } from "./ui.tsx";

/** It names the mail, and asks for the words of the bounce, which may be left empty. */
export function BounceDialog(props: { entry: LedgerEntry; longest: number }): JSX.Element {
  const { entry } = props;
  const action = `/credential-mails/${entry.id}/bounce`;
  return (
    <DialogContent title="It came back">
      <form method="post" action={action} novalidate {...submitsInDialog(action)}>
        <div class="body">
          <p>
            The mail to <bdi>{entry.name}</bdi> at{" "}
            <strong>
              <Address>{entry.address ?? "—"}</Address>
            </strong>{" "}
            came back after the mail server had accepted it?
          </p>
          <ul class="facts">
            <li>The ledger and the task say so from now on, and it can be tried again.</li>
            <li>The password that it said stays the logon’s own until another one is sent.</li>
          </ul>
          <Field
            name="words"
            label="What the returned mail says"
            hint={`May be left empty; at most ${props.longest} characters are kept.`}
          />
        </div>
        <DialogFoot>
          <Cancel href="/credential-mails" />
          <button type="submit" class="button blue">It came back</button>
        </DialogFoot>
      </form>
    </DialogContent>
  );
}

/** What marking and taking back say. */
export function BounceSaid(props: { children: string }): JSX.Element {
  return (
    <Partial target={TOASTS} swap="beforeend">
      <Toast>{props.children}</Toast>
    </Partial>
  );
}
