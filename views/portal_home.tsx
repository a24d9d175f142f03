// What a parent sees first behind the door: their children, and their own logon. The school's other modules hang here.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { PortalLearner } from "../db/learners.ts";
import type { PortalFrame } from "./portal.tsx";
import { PortalGreeting } from "./portal_greetings.tsx";
import { PortalPage } from "./portal_page.tsx";
import type { IconName } from "./icons.ts";
import { Icon, Name } from "./ui.tsx";

export function PortalHomePage(
  props: {
    frame: PortalFrame;
    parent: { firstName: string; surname: string };
    /** The most wanted first: what the parent has chosen, else what the browser says. */
    languages: readonly string[];
    learners: readonly PortalLearner[];
    said: string | undefined;
  },
): JSX.Element {
  const { learners } = props;
  return (
    <PortalPage
      frame={props.frame}
      title="Parent Portal"
      heading={
        <div>
          <PortalGreeting languages={props.languages} />
          <h1>
            Welcome, <bdi>{props.parent.firstName}</bdi>
          </h1>
        </div>
      }
      home
    >
      {props.said && <p class="notice green" role="status">{props.said}</p>}
      <section aria-labelledby="children">
        <h2 id="children">{learners.length === 1 ? "Your child" : "Your children"}</h2>
        {learners.length === 0
          ? (
            <p class="notice">
              No child is linked to your logon at the moment. Ask the school office if that is not
              right.
            </p>
          )
          : (
            <ul class="children">
              {learners.map((learner) => (
                <li>
                  <strong>
                    <Name of={learner} />
                  </strong>
                  <span class="soft">
                    {[learner.yearGroup, learner.registrationGroup].filter(Boolean).join(", ")}
                  </span>
                </li>
              ))}
            </ul>
          )}
      </section>
      <nav aria-labelledby="own">
        <h2 id="own">Your logon</h2>
        <ul class="modules">
          <Module href="/portal/password" icon="lock" title="Change password">
            Choose a new one whenever you like.
          </Module>
          <Module href="/portal/tfa" icon="key-round" title="Two factor authentication">
            A code from your phone beside the password.
          </Module>
          <Module href="/portal/passkeys" icon="circle-check" title="Passkeys">
            Sign in by your face, your finger or your phone’s lock.
          </Module>
          <Module href="/portal/language" icon="mail" title="Language">
            In which language the school’s mails about your logon are.
          </Module>
          <Module href="/portal/sign-ins" icon="list-checks" title="Your sign-ins">
            When and where somebody signed in as you.
          </Module>
          <Module href="/portal/sessions" icon="log-out" title="Where you are signed in">
            Sign out a lost phone, or everywhere else.
          </Module>
        </ul>
      </nav>
    </PortalPage>
  );
}

/** A way to a part of the portal, as large as a thumb wants it. */
function Module(
  props: { href: string; icon: IconName; title: string; children: Child },
): JSX.Element {
  return (
    <li>
      <Icon name={props.icon} />
      <span>
        <a href={props.href}>{props.title}</a>
        <span class="below soft">{props.children}</span>
      </span>
    </li>
  );
}
