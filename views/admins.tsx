// Admins: the office's own people, adding one, and everything an Administrator can do for one.

import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Admin, AdminProblems } from "../db/admins.ts";
import type { Role } from "../db/sessions.ts";
import { type Frame, Heading, OfficePage } from "./layout.tsx";
import { Option, Options } from "./options.tsx";
import { AddressField } from "./person_fields.tsx";
import type { Times } from "./times.ts";
import {
  Address,
  Chip,
  ConfirmPassword,
  Field,
  Icon,
  inOrder,
  ProblemSummary,
  Select,
} from "./ui.tsx";

export type AdminField = keyof AdminProblems | "reason" | "own_password";
type Problems = Partial<Record<AdminField, string>>;

const ROLES: readonly (readonly [Role, string])[] = [
  ["Administrator", "Administrator: everything"],
  ["Office", "Office: the daily work"],
  ["Viewer", "Viewer: only looks"],
];

export function AdminsPage(
  props: { frame: Frame; admins: readonly Admin[]; times: Times; said: string | undefined },
): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title="Admins"
      place="settings"
      heading={<Heading title="Admins" />}
      options={
        <Options>
          <Option href="/admins/new" icon="user-round-plus" able>Add an admin</Option>
          <Option href="/settings" icon="settings" able>Settings</Option>
        </Options>
      }
    >
      {props.said && <p class="notice green" role="status">{props.said}</p>}
      <div class="table">
        <table>
          <caption class="quiet">Everybody of the office who can sign in here</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Signs in with</th>
              <th scope="col">Last sign-in</th>
              <th scope="col">
                <span class="quiet">Edit</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {props.admins.map((admin) => <AdminRow admin={admin} times={props.times} />)}
          </tbody>
        </table>
      </div>
    </OfficePage>
  );
}

function AdminRow(props: { admin: Admin; times: Times }): JSX.Element {
  const { admin, times } = props;
  return (
    <tr>
      <td data-label="Name">
        <strong>
          <bdi>{admin.name}</bdi>
        </strong>{" "}
        {admin.suspendedAt !== null && <Chip tone="amber">suspended</Chip>}
        <span class="soft below-name">
          <Address>{admin.username}</Address>
          {admin.email !== null && admin.email !== admin.username && (
            <>
              {" · "}
              <Address>{admin.email}</Address>
            </>
          )}
        </span>
      </td>
      <td data-label="Role">{admin.role} {admin.seesBlocks && <Chip>sees blocks</Chip>}</td>
      <td data-label="Signs in with">{waysOf(admin)}</td>
      <td data-label="Last sign-in">
        {admin.lastSignInAt === null ? "never" : times.brief(admin.lastSignInAt)}
      </td>
      <td class="icons">
        <a class="icon-button" href={`/admins/${admin.id}`} aria-label={`Edit ${admin.name}`}>
          <Icon name="notebook-pen" />
        </a>
      </td>
    </tr>
  );
}

function waysOf(admin: Admin): string {
  const password = admin.mustChangePassword ? "a temporary password" : "password";
  const code = admin.tfaSetUp ? " and code" : "";
  const keys = admin.passkeys === 0
    ? ""
    : admin.passkeys === 1
    ? ", or a passkey"
    : `, or one of ${admin.passkeys} passkeys`;
  return `${password}${code}${keys}`;
}

export type AdminForm = {
  readonly values: {
    readonly username: string;
    readonly name: string;
    readonly email: string;
    readonly role: string;
    readonly seesBlocks: boolean;
  };
  readonly problems: Problems;
  /** Whether the own password is asked for again. */
  readonly confirm: boolean;
};

export function NewAdminPage(
  props: { frame: Frame; form: AdminForm; shortest: number },
): JSX.Element {
  const { form } = props;
  return (
    <AdminFrame frame={props.frame} title="Add an admin" back="/admins">
      <form method="post" action="/admins" class="card" novalidate>
        <Summary problems={form.problems} />
        <AddressField
          name="username"
          label="Username"
          value={form.values.username}
          problem={form.problems.username}
        />
        <Details form={form} />
        <Password problem={form.problems.password} shortest={props.shortest} />
        <ConfirmPassword needed={form.confirm} problem={form.problems.own_password} />
        <button type="submit" class="button blue">Add</button>
      </form>
    </AdminFrame>
  );
}

export function AdminPage(
  props: { frame: Frame; admin: Admin; form: AdminForm; own: boolean; said?: string | undefined },
): JSX.Element {
  const { admin, form, own } = props;
  const base = `/admins/${admin.id}`;
  return (
    <AdminFrame frame={props.frame} title={admin.name} back="/admins">
      {props.said && <p class="notice green" role="status">{props.said}</p>}
      <form method="post" action={base} class="card" novalidate>
        <Summary problems={form.problems} />
        <p class="soft">
          Signs in as <Address>{admin.username}</Address>.
          {own && " This is you: another Administrator changes your role."}
        </p>
        <Details form={form} />
        <ConfirmPassword needed={form.confirm} problem={form.problems.own_password} />
        <button type="submit" class="button blue">Save</button>
      </form>
      {!own && (
        <section class="card">
          <h2>Signing in</h2>
          <p>
            Now: {admin.suspendedAt === null ? waysOf(admin) : "suspended, so not at all"}.
          </p>
          <p>
            <a class="button" href={`${base}/password`}>Reset password</a>
          </p>
          {(admin.tfaSetUp || admin.passkeys > 0) && (
            <p>
              <a class="button" href={`${base}/tfa`}>Lost phone</a>
            </p>
          )}
          <p>
            <a class="button" href={`${base}/suspension`}>
              {admin.suspendedAt === null ? "Suspend" : "Let sign in again"}
            </a>
          </p>
        </section>
      )}
      <p>
        <a href={`/audit?subject=admin&id=${admin.id}`}>What was done to this admin</a>
      </p>
    </AdminFrame>
  );
}

/** One deed for one admin: what it does in words, its fields, its button. */
export function AdminDeedPage(
  props: {
    frame: Frame;
    admin: Admin;
    deed: "password" | "tfa" | "suspension";
    shortest: number;
    reason: string;
    problems: Problems;
    confirm: boolean;
  },
): JSX.Element {
  const { admin, deed, problems } = props;
  const base = `/admins/${admin.id}`;
  const suspended = admin.suspendedAt !== null;
  const title = deed === "password"
    ? "Reset password"
    : deed === "tfa"
    ? "Lost phone"
    : suspended
    ? "Let sign in again"
    : "Suspend";
  return (
    <AdminFrame frame={props.frame} title={`${title}: ${admin.name}`} back={base}>
      <form method="post" action={`${base}/${deed}`} class="card" novalidate>
        <Summary problems={problems} />
        <p>{sentenceOf(deed, admin)}</p>
        {deed === "password" && <Password problem={problems.password} shortest={props.shortest} />}
        {deed === "tfa" && (
          <Field
            name="reason"
            label="Reason, and how you know who is asking"
            hint="Kept in the audit."
            value={props.reason}
            problem={problems.reason}
          />
        )}
        {deed === "suspension" && (
          <input type="hidden" name="suspended" value={suspended ? "no" : "yes"} />
        )}
        <ConfirmPassword needed={props.confirm} problem={problems.own_password} />
        <button type="submit" class={deed === "tfa" ? "button red" : "button blue"}>{title}</button>
      </form>
    </AdminFrame>
  );
}

function sentenceOf(deed: "password" | "tfa" | "suspension", admin: Admin): string {
  if (deed === "password") {
    return "They get a temporary password, which you hand over, and are signed out. At the next sign-in they choose their own. Codes and passkeys stay.";
  }
  if (deed === "tfa") {
    return "Their phone, recovery codes and passkeys are removed, and they are signed out. They sign in with the password, and set two factor authentication up anew where the school requires it.";
  }
  return admin.suspendedAt === null
    ? "They are signed out at once and cannot sign in until somebody lets them. What they did stays in the audit."
    : "They can sign in again, as before.";
}

/** The temporary password, shown once: it is stored as a hash only. */
export function AdminPasswordPage(
  props: { frame: Frame; admin: { name: string; username: string }; password: string },
): JSX.Element {
  return (
    <AdminFrame frame={props.frame} title="The password" back="/admins">
      <section class="card">
        <p role="status">
          Give this to <bdi>{props.admin.name}</bdi>. <strong>It is not shown again.</strong>{" "}
          They choose their own at the first sign-in.
        </p>
        <dl class="shown-once">
          <dt>Username</dt>
          <dd>
            <code>{props.admin.username}</code>
          </dd>
          <dt>Password</dt>
          <dd>
            <code>{props.password}</code>
          </dd>
        </dl>
        <p>
          <a class="button blue" href="/admins">I have noted it</a>
        </p>
      </section>
    </AdminFrame>
  );
}

function AdminFrame(
  props: { frame: Frame; title: string; back: string; children: Child },
): JSX.Element {
  return (
    <OfficePage
      frame={props.frame}
      title={props.title}
      place="settings"
      heading={
        <Heading
          title={props.title}
          beside={
            <p class="beside">
              <a href={props.back}>{props.back === "/admins" ? "All admins" : "Back"}</a>
            </p>
          }
        />
      }
    >
      {props.children}
    </OfficePage>
  );
}

function Details(props: { form: AdminForm }): JSX.Element {
  const { values, problems } = props.form;
  return (
    <>
      <Field name="name" label="Name" value={values.name} problem={problems.name} />
      <Field
        name="email"
        label="Email"
        hint="For notices about their own sign-in. May be left empty."
        type="email"
        value={values.email}
        problem={problems.email}
      />
      <div class={problems.role ? "wrong" : undefined}>
        <Select
          name="role"
          label="Role"
          value={values.role}
          options={ROLES}
          more={problems.role
            ? { "aria-invalid": "true", "aria-describedby": "field-role-problem" }
            : {}}
        />
        {problems.role && <p class="problem" id="field-role-problem">{problems.role}</p>}
      </div>
      <label class="choice">
        <input type="checkbox" name="sees_blocks" value="yes" checked={values.seesBlocks} />
        May see why a link is blocked, and set and lift blocks (Administrators only)
      </label>
    </>
  );
}

function Password(props: { problem: string | undefined; shortest: number }): JSX.Element {
  return (
    <Field
      name="password"
      label="Temporary password"
      hint={`Leave it empty and one is made and shown once. Else at least ${props.shortest} characters.`}
      type="password"
      autocomplete="new-password"
      problem={props.problem}
      reveal
    />
  );
}

function Summary(props: { problems: Problems }): JSX.Element | null {
  const order: readonly AdminField[] = [
    "username",
    "name",
    "email",
    "role",
    "password",
    "reason",
    "own_password",
  ];
  return <ProblemSummary problems={inOrder(order, props.problems)} />;
}
