// A learner's record as the office keeps it: adding and editing it, and all that its page says.

import { addAudit, type Author } from "./audit.ts";
import { brokenConstraint, type Queryable, type Transaction } from "./connect.ts";
import type { LearnerFacts, LearnerField, LearnerValues } from "./learner_rules.ts";
import { isSeen } from "./learners.ts";
import { storable } from "./storable.ts";

export type LearnerRecord = LearnerValues & { readonly id: number; readonly version: number };

export type LearnerChange = { readonly learner: LearnerValues; readonly author: Author };

/** Who has this admission number and this UPN. */
export async function findLearnerFacts(
  sql: Queryable,
  learner: Pick<LearnerValues, "admissionNumber" | "upn">,
): Promise<LearnerFacts> {
  const rows = await sql<{ id: number; name: string; admission: boolean; upn: boolean }[]>`
    select p.id, p.first_name || ' ' || p.surname as name,
           p.admission_number = ${storable(learner.admissionNumber)} as admission,
           coalesce(p.upn = ${storable(learner.upn ?? "")}, false) as upn
      from learners p
     where p.admission_number = ${storable(learner.admissionNumber)} or p.upn = ${
    storable(learner.upn ?? "")
  }`;
  return {
    admissionOwner: rows.find((row) => row.admission) ?? null,
    upnOwner: rows.find((row) => row.upn) ?? null,
  };
}

/** The learner with this id; null if there is none. */
export async function findLearner(sql: Queryable, id: number): Promise<LearnerRecord | null> {
  const [row] = await sql<LearnerRecord[]>`
    select id, version, first_name as "firstName", surname, admission_number as "admissionNumber", upn,
           to_char(date_of_birth, 'YYYY-MM-DD') as "dateOfBirth", year_group as "yearGroup",
           registration_group as "registrationGroup", status, to_char(left_on, 'YYYY-MM-DD') as "leftOn"
      from learners where id = ${id}`;
  return row ?? null;
}

/** Why the database refused a learner that the checks had passed: somebody was quicker. */
export class LearnerRefused extends Error {
  override readonly name = "LearnerRefused";
  constructor(readonly field: LearnerField, message: string) {
    super(message);
  }
}

/** Adds a learner. @returns its id @throws {LearnerRefused} if the admission number or the UPN was taken meanwhile */
export async function addLearner(sql: Transaction, change: LearnerChange): Promise<number> {
  return await explainRefusal(async () => {
    const { learner, author } = change;
    const [row] = await sql<[{ id: number }]>`
      insert into learners (first_name, surname, admission_number, upn, date_of_birth, year_group, registration_group,
                            status, left_on)
      values (${learner.firstName}, ${learner.surname}, ${learner.admissionNumber}, ${learner.upn}, ${learner.dateOfBirth},
              ${learner.yearGroup}, ${learner.registrationGroup}, ${learner.status}, ${learner.leftOn})
      returning id`;
    await addAudit(sql, [{
      ...author,
      what: "add learner",
      subject: "learner",
      subjectId: row.id,
      after: learner,
    }]);
    return row.id;
  });
}

/**
 * Stores the edit of a learner as it was at `version`; one that changes nothing leaves nothing behind.
 * @returns false if somebody else has changed the learner since: nothing is stored then
 * @throws {LearnerRefused} as {@link addLearner}
 */
export async function editLearner(
  sql: Transaction,
  id: number,
  version: number,
  change: LearnerChange,
): Promise<boolean> {
  return await explainRefusal(async () => {
    const { learner, author } = change;
    await sql`select from learners where id = ${id} for no key update`;
    const found = await findLearner(sql, id);
    if (found === null) return false;
    const { id: _, version: current, ...before } = found;
    if (isSame(before, learner)) return true;
    if (current !== version) return false;
    await sql`
      update learners
         set first_name = ${learner.firstName}, surname = ${learner.surname}, admission_number = ${learner.admissionNumber},
             upn = ${learner.upn}, date_of_birth = ${learner.dateOfBirth}, year_group = ${learner.yearGroup},
             registration_group = ${learner.registrationGroup}, status = ${learner.status}, left_on = ${learner.leftOn}
       where id = ${id}`;
    await addAudit(sql, [{
      ...author,
      what: "edit learner",
      subject: "learner",
      subjectId: id,
      before,
      after: learner,
    }]);
    return true;
  });
}

/** A logon through which a parent sees, or may see, a learner. */
export type LearnerLogon = {
  readonly id: number;
  readonly firstName: string;
  readonly surname: string;
  readonly username: string;
  readonly hides: Hiding | null;
};

/** Why a linked parent does not see the learner now; null where they do. */
export type Hiding = "left" | "suspended" | "expired" | "no password";

/** The logons linked to a learner, and whether each shows the learner now; deleted ones show nothing and are left out. */
export async function listLearnerLogons(
  sql: Queryable,
  learnerId: number,
  access: { readonly at: Date; readonly today: string; readonly leaverDays: number },
): Promise<LearnerLogon[]> {
  return await sql<LearnerLogon[]>`
    select l.id, l.first_name as "firstName", l.surname, l.username,
           case when not ${isSeen(sql, access)} then 'left'
                when l.suspended_at is not null then 'suspended'
                when l.expires_on < ${access.today}::date then 'expired'
                when coalesce(l.password_until, '-infinity') <= ${access.at} then 'no password' end as hides
      from logon_learners k
      join learners p on p.id = k.learner_id
      join logons l on l.id = k.logon_id
     where k.learner_id = ${learnerId} and l.deleted_at is null
     order by l.name_key, l.id`;
}

/** Names of the adults who must not see a learner; why is not told here. */
export async function listBlockedAdults(sql: Queryable, learnerId: number): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select distinct coalesce(
             c.first_name || ' ' || c.surname, l.first_name || ' ' || l.surname, b.first_name || ' ' || b.surname
           ) as name
      from blocks b
      left join logons l on l.id = b.logon_id
      left join contacts c on c.id = coalesce(b.contact_id, l.contact_id)
     where b.learner_id = ${learnerId} and b.lifted_at is null
     order by 1`;
  return rows.map((row) => row.name);
}

function isSame(one: LearnerValues, other: LearnerValues): boolean {
  return one.firstName === other.firstName && one.surname === other.surname &&
    one.admissionNumber === other.admissionNumber && one.upn === other.upn &&
    one.dateOfBirth === other.dateOfBirth && one.yearGroup === other.yearGroup &&
    one.registrationGroup === other.registrationGroup && one.status === other.status &&
    one.leftOn === other.leftOn;
}

async function explainRefusal<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    switch (brokenConstraint(error)) {
      case "learners_admission_number_key":
        throw new LearnerRefused(
          "admissionNumber",
          "Somebody else has given this admission number to another learner just now.",
        );
      case "learners_upn_key":
        throw new LearnerRefused(
          "upn",
          "Somebody else has given this UPN to another learner just now.",
        );
      default:
        throw error;
    }
  }
}
