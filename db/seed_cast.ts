// The cast of the demo and the tests: one school's office, learners, contacts and parents, each with a reason to be there.

import { CHOSEN_COST, GENERATED_COST } from "../lib/passwords.ts";
import type { Transaction } from "./connect.ts";
import {
  birthDate,
  isoDay,
  type LearnerSeed,
  type LogonSeed,
  type PasswordSeed,
  type SchoolSeed,
  schoolYear,
  type SignInSeed,
  upnOf,
} from "./seed_school.ts";

/** Passwords, or their hashes, of whoever can sign in. */
export type CastPasswords = Record<
  "office" | "frontdesk" | "viewer" | "parent" | "temporary",
  string
>;

type Admin = {
  readonly username: "office" | "frontdesk" | "viewer";
  readonly name: string;
  readonly role: string;
};
type Parent = {
  /** Whose logon it is; else first name and surname. */
  readonly contact?: string;
  readonly name?: readonly [string, string];
  /** Where it is not the contact's. */
  readonly email?: string;
  /** Where it is not every learner for whom the contact has Parental Responsibility. */
  readonly learners?: readonly string[];
  readonly tfa?: "required";
  /** The parent's own, unless given; null for none yet. */
  readonly password?: "temporary" | null;
  /** Days until a temporary password expires. */
  readonly expires?: number;
  /** How often signed in, and how many days ago last. */
  readonly signedIn?: readonly [number, number];
  /** How many days ago a try failed, and why. */
  readonly failed?: readonly [number, string];
  /** How many days ago. */
  readonly suspended?: number;
  readonly expired?: number;
  readonly deleted?: number;
};

export const ADMINS: readonly Admin[] = [
  { username: "office", name: "Olwen Hughes", role: "Administrator" },
  { username: "frontdesk", name: "Femi Adeyemi", role: "Office" },
  { username: "viewer", name: "Grace Whitfield", role: "Viewer" },
];

const PASSWORDS: CastPasswords = {
  office: "demo-office-2026",
  frontdesk: "demo-frontdesk-2026",
  viewer: "demo-viewer-2026",
  parent: "demo-parent-2026",
  temporary: "demo-temporary-2026",
};

/** Admission number, first name, surname, registration group. */
const LEARNERS: readonly (readonly [string, string, string, string])[] = [
  ["003816", "Esi", "Boateng", "11B"],
  ["003822", "Ishaan", "Raghunathan-Venkatasubramanian", "11C"],
  ["003830", "Gia Bảo", "Nguyễn", "11B"],
  ["003841", "Callum", "MacLeod", "11A"],
  ["003951", "Yusuf", "al-Rashid", "10D"],
  ["003964", "Jack", "Smith", "10B"],
  ["003970", "Carys", "Pryce-Jones", "10A"],
  ["003977", "Aisha", "Begum", "10C"],
  ["004127", "Tom", "Barley", "9B"],
  ["004142", "Dev", "Raghunathan-Venkatasubramanian", "9A"],
  ["004150", "Niamh", "O'Connor", "9C"],
  ["004158", "Ffion", "Evans", "9B"],
  ["004163", "Inês", "Ferreira da Conceição", "9D"],
  ["004305", "Kofi", "Boateng", "8C"],
  ["004311", "Ellie", "Smith", "8A"],
  ["004322", "Andrei", "Popescu", "8B"],
  ["004333", "Zofia", "Kowalczyk", "8D"],
  ["004340", "Oleksandr", "Shevchenko", "8C"],
  ["004512", "Mia", "Barley", "7A"],
  ["004513", "Mia", "Barley", "7C"],
  ["004520", "Ola", "Wiśniewska", "7A"],
  ["004531", "Anika", "Raghunathan-Venkatasubramanian", "7B"],
  ["004537", "Jack", "Smith", "7C"],
  ["004540", "Tobi", "Adeyemi", "7B"],
];
const APPLICANT = ["004601", "Léa", "Dubois"] as const;
const LEFT_LAST_MONTH = ["003983", "Kehinde", "Bello", "10C"] as const;
const LEFT_LONG_AGO = ["003102", "Thomas", "Ashdown", "11A"] as const;

/** First name, surname, email, by the name that the rest of this file calls them. */
const CONTACTS: Readonly<Record<string, readonly [string, string, string | null]>> = {
  ama: ["Ama", "Boateng", "ama.boateng@example.org"],
  kwame: ["Kwame", "Boateng", "kwame.boateng@example.com"],
  lukasz: ["Łukasz", "Wiśniewski", "l.wisniewski@example.org"],
  agnieszka: ["Agnieszka", "Wiśniewska", "a.wisniewska@example.com"],
  fatima: ["Fatima", "al-Rashid", null],
  omar: ["Omar", "al-Rashid", null],
  priya: ["Priya", "Raghunathan-Venkatasubramanian", "priya.raghunathan@example.com"],
  arjun: ["Arjun", "Raghunathan", "arjun.raghunathan@example.com"],
  john: ["John", "Smith", "family.smith@example.org"],
  sarah: ["Sarah", "Smith", "family.smith@example.org"],
  joan: ["Joan", "Smith", "joan.smith@example.com"],
  minh: ["Nguyễn Thị", "Minh", "minh.nguyen@example.org"],
  oluwaseun: ["Oluwaseun", "Adeyemi", "oluwaseun.adeyemi@example.org"],
  tunde: ["Tunde", "Adeyemi", "tunde.adeyemi@example.com"],
  declan: ["Declan", "O'Connor", "declan.oconnor@example.com"],
  ioana: ["Ioana", "Popescu", "ioana.popescu@example.org"],
  gareth: ["Gareth", "Pryce-Jones", "gareth.prycejones@example.org"],
  hannah: ["Hannah", "Barley", "hannah.barley@example.com"],
  paul: ["Paul", "Barley", "paul.barley@example.org"],
  marek: ["Marek", "Kowalczyk", "marek.kowalczyk@example.org"],
  catherine: ["Catherine", "Ashdown", "catherine.ashdown@example.org"],
  sian: ["Siân", "Evans", "sian.evans@example.org"],
  yetunde: ["Yetunde", "Bello", "yetunde.bello@example.com"],
  camille: ["Camille", "Dubois", "camille.dubois@example.org"],
  nasima: ["Nasima", "Begum", "nasima.begum@example.com"],
  oksana: ["Oksana", "Shevchenko", null],
};

/** Whose contact, on which learners' records, as what, at which priority, with Parental Responsibility (null: not said). */
const PLACES: readonly (readonly [string, readonly string[], string, number, boolean | null])[] = [
  ["ama", ["004305", "003816"], "Mother", 1, true],
  ["kwame", ["004305", "003816"], "Father", 2, true],
  ["lukasz", ["004520"], "Father", 1, true],
  ["agnieszka", ["004520"], "Mother", 2, true],
  ["fatima", ["003951"], "Mother", 1, true],
  ["omar", ["003951"], "Father", 2, true],
  ["priya", ["004531", "004142", "003822"], "Mother", 1, true],
  ["arjun", ["004531", "004142"], "Father", 2, true],
  ["arjun", ["003822"], "Stepfather", 2, false],
  ["john", ["004311", "003964"], "Father", 1, true],
  ["sarah", ["004311", "003964"], "Mother", 2, true],
  ["joan", ["004311", "003964"], "Grandmother", 3, false],
  ["minh", ["003830"], "Mother", 1, true],
  ["oluwaseun", ["004540"], "Mother", 1, true],
  ["tunde", ["004540"], "Father", 2, null],
  ["declan", ["004150"], "Father", 1, true],
  ["ioana", ["004322"], "Mother", 1, true],
  ["gareth", ["003970"], "Father", 1, true],
  ["hannah", ["004513"], "Mother", 1, true],
  ["paul", ["004512", "004127"], "Father", 1, true],
  ["marek", ["004333"], "Father", 1, true],
  ["catherine", [LEFT_LONG_AGO[0]], "Mother", 1, true],
  ["sian", ["004158"], "Mother", 1, true],
  ["yetunde", [LEFT_LAST_MONTH[0]], "Mother", 1, true],
  ["camille", [APPLICANT[0]], "Mother", 1, true],
  ["nasima", ["003977"], "Mother", 1, true],
  ["oksana", ["004340"], "Mother", 1, true],
];

/** By username. */
const PARENTS: Readonly<Record<string, Parent>> = {
  "ama.boateng": { contact: "ama", signedIn: [14, 1], failed: [9, "wrong password"] },
  "lukasz.w": { contact: "lukasz", signedIn: [3, 12] },
  "fatima.ar": { contact: "fatima", password: "temporary", expires: 5 },
  // Her contact's email was changed since: it differs.
  "priya.rv": { contact: "priya", email: "priya.rv@example.org", signedIn: [41, 2] },
  "john.smith": { contact: "john", signedIn: [7, 21] },
  // A court order keeps Ellie from her.
  "sarah.smith": { contact: "sarah", learners: ["003964"], signedIn: [2, 34] },
  // Linked by hand, without Parental Responsibility.
  "joan.smith": { contact: "joan", learners: ["004311"], signedIn: [4, 6] },
  "rhys.l": { name: ["Rhys", "Llewellyn"], email: "rhys.l@example.org", signedIn: [1, 120] },
  "minh.nguyen": { contact: "minh", password: "temporary", expires: 7 },
  "oluwaseun.adeyemi": { contact: "oluwaseun", password: "temporary", expires: 4 },
  "declan.oconnor": {
    contact: "declan",
    signedIn: [5, 14],
    suspended: 12,
    failed: [2, "suspended"],
  },
  "ioana.popescu": { contact: "ioana", signedIn: [8, 16], expired: 10, failed: [3, "expired"] },
  "gareth.pj": {
    contact: "gareth",
    password: "temporary",
    expires: -5,
    failed: [4, "password expired"],
  },
  "hannah.barley": { contact: "hannah", password: null, failed: [8, "no password"] },
  "paul.barley": { contact: "paul", signedIn: [11, 5] },
  "marek.kowalczyk": { contact: "marek", signedIn: [6, 9], deleted: 3, failed: [2, "deleted"] },
  "catherine.ashdown": { contact: "catherine", signedIn: [9, 320] },
  "sian.evans": { contact: "sian", tfa: "required", signedIn: [9, 7] },
  "yetunde.bello": { contact: "yetunde", signedIn: [12, 3] },
  "camille.dubois": { contact: "camille", signedIn: [2, 18] },
};

const DAY = 86_400_000;

/** Hashes every password of the cast; before a transaction, since it takes a while. */
export async function hashPasswords(
  hash: (password: string, cost: number) => Promise<string>,
): Promise<CastPasswords> {
  const { office, frontdesk, viewer, parent, temporary } = PASSWORDS;
  return {
    office: await hash(office, CHOSEN_COST),
    frontdesk: await hash(frontdesk, CHOSEN_COST),
    viewer: await hash(viewer, CHOSEN_COST),
    parent: await hash(parent, CHOSEN_COST),
    temporary: await hash(temporary, GENERATED_COST),
  };
}

/** The cast's learners, contacts, logons and sign-ins, as plain rows. */
export function planCast(at: Date, hashes: CastPasswords): SchoolSeed {
  const learners = planLearners(at);
  const keys = Object.keys(CONTACTS);
  const learnerAt = (number: string): number =>
    learners.findIndex((learner) => learner.admission_number === number);
  const parents = Object.values(PARENTS);
  return {
    learners,
    contacts: Object.values(CONTACTS).map(([first_name, surname, email], n) => {
      return { first_name, surname, email, mobile: `07700 900${101 + n}` };
    }),
    places: PLACES.flatMap(([contact, numbers, relationship, priority, responsible]) =>
      numbers.map((number) => ({
        contact: keys.indexOf(contact),
        learner: learnerAt(number),
        relationship,
        priority,
        parental_responsibility: responsible,
      }))
    ),
    logons: Object.entries(PARENTS).map(([username, parent]) => planLogon(at, username, parent)),
    links: parents.flatMap((parent, logon) =>
      linkedTo(parent).map(([number, warning]) => ({ logon, learner: learnerAt(number), warning }))
    ),
    passwords: parents.flatMap(({ password = "chosen", expires = 0 }, logon): PasswordSeed[] => {
      if (password === null) return [];
      return password === "chosen"
        ? [{ logon, hash: hashes.parent, expires_at: null }]
        : [{ logon, hash: hashes.temporary, expires_at: daysFrom(at, expires).toISOString() }];
    }),
    signIns: planSignIns(at, parents),
  };
}

/** What needs the office to have done it: the court order against Sarah Smith, and the deletion. */
export async function addOfficeDeeds(tx: Transaction, at: Date): Promise<void> {
  await tx`
    insert into blocks (learner_id, logon_id, contact_id, reason, review_on, set_by, set_at)
    select p.id, l.id, l.contact_id, 'Child arrangements order: no contact with Ellie, nor sight of her records.',
           ${isoDay(daysFrom(at, 200).getTime())}, a.id, ${daysFrom(at, -40)}
      from learners p, logons l, admins a
     where p.admission_number = '004311' and l.username = 'sarah.smith' and a.username = 'office'`;
  await tx`
    update logons set deleted_by = a.id from admins a
     where logons.deleted_at is not null and a.username = 'office'`;
}

function planLearners(at: Date): LearnerSeed[] {
  const current = LEARNERS.map(([number, first, surname, group]) =>
    planLearner(at, number, first, surname, parseInt(group), { registration_group: group })
  );
  const leaver = (left: readonly [string, string, string, string], days: number): LearnerSeed => {
    const [number, first, surname, group] = left;
    const left_on = isoDay(daysFrom(at, -days).getTime());
    return planLearner(daysFrom(at, -days), number, first, surname, parseInt(group), {
      registration_group: group,
      status: "Leaver",
      left_on,
    });
  };
  return [
    ...current,
    planLearner(at, ...APPLICANT, 6, { year_group: "Year 7", status: "Applicant" }),
    leaver(LEFT_LAST_MONTH, 30),
    leaver(LEFT_LONG_AGO, 480),
  ];
}

function planLearner(
  at: Date,
  number: string,
  first_name: string,
  surname: string,
  year: number,
  more: Partial<LearnerSeed>,
): LearnerSeed {
  const started = String((schoolYear(at.getTime()) - year) % 100).padStart(2, "0");
  return {
    admission_number: number,
    upn: upnOf(`8204017${started}${number.slice(3)}`),
    first_name,
    surname,
    date_of_birth: birthDate(at.getTime(), year, Number(number) * 47 % 365),
    year_group: `Year ${year}`,
    registration_group: null,
    status: "Current",
    left_on: null,
    ...more,
  };
}

function planLogon(at: Date, username: string, parent: Parent): LogonSeed {
  const [first_name, surname, email] = CONTACTS[parent.contact ?? ""] ??
    [...(parent.name ?? ["", ""]), null];
  const ago = (days: number | undefined): Date | null =>
    days === undefined ? null : daysFrom(at, -days);
  const expired = ago(parent.expired);
  return {
    first_name,
    surname,
    email: parent.email ?? email,
    username,
    contact: parent.contact === undefined ? null : Object.keys(CONTACTS).indexOf(parent.contact),
    tfa: parent.tfa ?? "off",
    suspended_at: ago(parent.suspended)?.toISOString() ?? null,
    expires_on: expired && isoDay(expired.getTime()),
    deleted_at: ago(parent.deleted)?.toISOString() ?? null,
    // Those with a temporary password, or none, are new.
    created_at: daysFrom(at, parent.signedIn ? -450 : -14).toISOString(),
  };
}

/** Admission numbers, each with the warning that the link carries. */
function linkedTo({ contact, learners }: Parent): [string, string | null][] {
  const places = PLACES.filter(([whose]) => whose === contact).flatMap(
    ([_contact, numbers, _relationship, _priority, responsible]) =>
      numbers.map((number) => ({ number, responsible })),
  );
  return places
    .filter(({ number, responsible }) => learners ? learners.includes(number) : responsible)
    .map(({ number, responsible }) => [
      number,
      responsible === false ? "no parental responsibility" : null,
    ]);
}

/** Every fifth day or so, in the morning or the evening; a strange name now and then. */
function planSignIns(at: Date, parents: readonly Parent[]): SignInSeed[] {
  const time = (days: number, hour: number, minute: number): number =>
    Math.floor(at.getTime() / DAY - days) * DAY + (hour * 60 + minute) * 60_000;
  const tries = parents.flatMap(({ signedIn: [times, last] = [0, 0], failed }, logon) => {
    const successes = Array.from({ length: times }, (_, n): SignInSeed => {
      const days = last + n * (4 + logon % 4);
      return {
        at: time(days, 7 + days % 2 * 12, (12 + n * 17) % 60),
        logon,
        outcome: "success",
      };
    });
    if (!failed) return successes;
    return [...successes, { at: time(failed[0], 20, logon), logon, outcome: failed[1] }];
  });
  const strangers = [3, 8, 31].map((days): SignInSeed => {
    return { at: time(days, 16, days), logon: null, outcome: "unknown username" };
  });
  return [...tries, ...strangers].sort((a, b) => a.at - b.at);
}

function daysFrom(at: Date, days: number): Date {
  return new Date(at.getTime() + days * DAY);
}
