// Makes up a believable school: families, their logons and a year of sign-ins, as plain rows for seeds.ts to store.

import {
  type Chance,
  type Culture,
  drawCulture,
  drawName,
  feminine,
  freeEmail,
  freeUsername,
  openChance,
  wheel,
} from "./seed_names.ts";

/** How many of each; an adult without a logon comes on top. */
export type SchoolSize = {
  readonly logons: number;
  readonly learners: number;
  readonly signIns: number;
};

export type LearnerSeed = {
  admission_number: string;
  upn: string | null;
  first_name: string;
  surname: string;
  date_of_birth: string;
  year_group: string;
  registration_group: string | null;
  status: "Current" | "Applicant" | "Leaver";
  left_on: string | null;
};
export type ContactSeed = {
  first_name: string;
  surname: string;
  email: string | null;
  mobile: string | null;
};
/** A contact's place on a learner's record. Here and below, contact, learner and logon are positions in their lists. */
export type PlaceSeed = {
  contact: number;
  learner: number;
  relationship: string;
  priority: number;
  parental_responsibility: boolean | null;
};
export type LogonSeed = {
  first_name: string;
  surname: string;
  email: string | null;
  username: string;
  contact: number | null;
  tfa: "off" | "required";
  suspended_at: string | null;
  expires_on: string | null;
  deleted_at: string | null;
  created_at: string;
};
export type LinkSeed = { logon: number; learner: number; warning: string | null };
/** With `expires_at` it is temporary. */
export type PasswordSeed = { logon: number; hash: string; expires_at: string | null };
export type SignInSeed = { at: number; logon: number | null; outcome: string };

/** All that is stored of a school but its office. */
export type SchoolSeed = {
  learners: LearnerSeed[];
  contacts: ContactSeed[];
  places: PlaceSeed[];
  logons: LogonSeed[];
  links: LinkSeed[];
  passwords: PasswordSeed[];
  /** Oldest first. */
  signIns: SignInSeed[];
};

/** What is stored already and must not be stored twice; usernames and emails as their keys. */
export type Taken = {
  readonly usernames: Set<string>;
  readonly emails: Set<string>;
  readonly upns: Set<string>;
  readonly firstAdmissionNumber: number;
};

type Relation = {
  readonly child: Child;
  readonly relationship: string;
  readonly parental_responsibility: boolean | null;
};
type Child = { index: number; first_name: string; surname: string; cohort: number; day: number };
type Adult = { contact: ContactSeed; relations: Relation[]; rank: number };
/** A late one is new: its contacts are there, its logons not yet. */
type Family = { culture: Culture; children: Child[]; adults: Adult[]; late: boolean };
/** How a logon stands: what its tries to sign in come to depends on it. */
type Habit = {
  weight: number;
  created: number;
  /** From when on it is suspended, expired or deleted, if it is. */
  closed: number;
  closedBy: "suspended" | "expired" | "deleted";
  password: "none" | "temporary" | "chosen";
  /** When a temporary password expires. */
  expires: number;
};

const DAY = 86_400_000;
const WOMEN = ["Mother", "Stepmother", "Grandmother", "Aunt"];
const MEN = ["Father", "Stepfather", "Grandfather", "Uncle"];
const OTHERS = [...WOMEN.slice(1), ...MEN.slice(1), "Childminder", "Family friend"];
/** Of 100 learners: the cohort that comes next September, Year 7 to Year 13, and three that have left. */
const COHORTS = wheel([4.5, 14.5, 14.5, 14.5, 14.5, 14.5, 7, 7, 3, 3, 3]);
const HOURS = wheel(
  [3, 1, 0.5, 0.5, 1, 5, 20, 60, 90, 50, 30, 25, 35, 25, 25, 50, 60, 50, 50, 60, 70, 60, 35, 10],
);

/**
 * Makes up a school; the same for the same seed, `at` and `taken`.
 * @param options.hash hash of the password that all its parents have
 */
export function planSchool(
  size: SchoolSize,
  options: { seed: number; at: Date; hash: string; taken: Taken },
): SchoolSeed {
  const { seed, taken } = options;
  const at = Math.floor(options.at.getTime() / 1000) * 1000;
  const chance = openChance(seed);
  const families = drawFamilies(chance, size);
  const learners = drawLearners(chance, families.flatMap((family) => family.children), at, taken);
  const adults = families.flatMap((family) => family.adults);
  for (const family of families) giveEmails(chance, family, taken.emails);
  const chosen = chooseAdults(families, size.logons);
  const { logons, habits, links } = drawLogons(chance, adults, chosen, at, taken.usernames);
  const signIns = drawSignIns(openChance(seed ^ 0x5eed), habits, size.signIns, at);
  for (const { contact } of chosen.filter(() => chance.is(0.02))) {
    if (contact.email !== null) contact.email = freeEmail(chance, contact, taken.emails);
  }
  return {
    learners,
    contacts: adults.map((adult) => adult.contact),
    places: adults.flatMap(placesOf),
    logons,
    links,
    passwords: drawPasswords(chance, habits, signIns, at, options.hash),
    signIns,
  };
}

/** The year in whose September the school year of `at` began. */
export function schoolYear(at: number): number {
  const date = new Date(at);
  return date.getUTCFullYear() - (date.getUTCMonth() < 8 ? 1 : 0);
}

/** Date of birth of a learner who is in Year `year` at `at`; `day` 0 is the oldest of the year, 364 the youngest. */
export function birthDate(at: number, year: number, day: number): string {
  return isoDay(Date.UTC(schoolYear(at) - 5 - year, 8, 1) + day * DAY);
}

/** The day of a time, as 2026-09-01. */
export function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** A unique pupil number: its check letter and the 12 digits (authority, school, year, serial). */
export function upnOf(digits: string): string {
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (at + 2), 0);
  return "ABCDEFGHJKLMNPQRTUVWXYZ".charAt(sum % 23) + digits;
}

function drawFamilies(chance: Chance, size: SchoolSize): Family[] {
  const families: Family[] = [];
  let learners = 0;
  while (learners < size.learners) {
    const family = drawFamily(chance, size.learners - learners);
    for (const child of family.children) child.index = learners++;
    families.push(family);
  }
  // As many adults as logons are asked for, and those whom nobody has imported yet.
  let missing = size.logons - families.filter((family) => !family.late)
    .reduce((sum, family) => sum + family.adults.length, 0);
  for (let round = 0; round < 6; round++) {
    for (const family of families) {
      if (missing <= 0) return families;
      if (family.late || chance.is(0.3)) continue;
      family.adults.push(drawAdult(chance, family, chance.of(OTHERS)));
      missing--;
    }
  }
  // More than a family has room for: parents whose children are no longer on record.
  for (; missing > 0; missing--) {
    const culture = drawCulture(chance);
    const family: Family = { culture, children: [], adults: [], late: false };
    family.adults.push(drawAdult(chance, family, chance.of(["Mother", "Father"])));
    families.push(family);
  }
  return families;
}

function drawFamily(chance: Chance, mostChildren: number): Family {
  const culture = drawCulture(chance);
  const family: Family = { culture, children: [], adults: [], late: chance.is(0.04) };
  const hers = drawName(chance, (chance.is(0.15) ? drawCulture(chance) : culture).surnames);
  const his = drawName(chance, culture.surnames);
  const kind = chance.next();
  const theirs = kind > 0.86 ? hers : childSurname(chance, culture, hers, his);
  const count = 1 + [0.62, 0.9, 0.98].filter((share) => chance.next() > share).length;
  for (let left = Math.min(count, mostChildren); left > 0; left--) {
    family.children.push(drawChild(chance, family, theirs));
  }
  const add = (relationship: string, surname?: string): void => {
    family.adults.push(drawAdult(chance, family, relationship, surname));
  };
  if (kind < 0.62) {
    add("Mother", chance.is(0.7) && !culture.both ? his : hers);
    add("Father", his);
  } else if (kind < 0.86) {
    add("Mother", chance.is(0.4) && !culture.both ? his : hers);
    add("Father", his);
    if (chance.is(0.5)) add("Stepfather");
    if (chance.is(0.2)) add("Stepmother", his);
  } else if (kind < 0.97) add(chance.is(0.85) ? "Mother" : "Father", hers);
  else add(chance.of(["Guardian", "Foster carer", "Special guardian"]));
  if (chance.is(0.12)) add("Grandmother");
  return family;
}

function childSurname(chance: Chance, culture: Culture, hers: string, his: string): string {
  if (culture.both) return `${his} ${hers}`;
  if (chance.is(0.06) && hers !== his && !/[ -]/.test(hers + his)) return `${hers}-${his}`;
  return chance.is(0.88) ? his : hers;
}

function drawChild(chance: Chance, family: Family, surname: string): Child {
  const girl = chance.is(0.5);
  const names = girl ? family.culture.girls : family.culture.boys;
  const siblings = family.children;
  let first_name = drawName(chance, names);
  while (siblings.some((sibling) => sibling.first_name === first_name)) {
    first_name = chance.of(names);
  }
  const cohort = COHORTS(chance.next());
  // Two of one year are twins.
  const twin = siblings.find((sibling) => sibling.cohort === cohort);
  const day = twin?.day ?? chance.int(365);
  return { index: 0, first_name, surname: girl ? feminine(surname) : surname, cohort, day };
}

function drawAdult(chance: Chance, family: Family, relationship: string, surname?: string): Adult {
  const { culture, children, adults } = family;
  const woman = WOMEN.includes(relationship) || !MEN.includes(relationship) && chance.is(0.6);
  const name = surname ?? drawName(chance, culture.surnames);
  const contact: ContactSeed = {
    first_name: drawName(chance, woman ? culture.girls : culture.boys),
    surname: woman ? feminine(name) : name,
    email: null,
    mobile: chance.is(0.85) ? `07700 900${String(chance.int(1000)).padStart(3, "0")}` : null,
  };
  const parental_responsibility = drawResponsibility(chance, relationship);
  const relations = children.map((child) => ({ child, relationship, parental_responsibility }));
  // The youngest of a new family: a stepfather to the others, and this one's father.
  const youngest = relations.at(-1);
  if (relationship === "Stepfather" && youngest && relations.length > 1 && chance.is(0.4)) {
    relations.splice(-1, 1, {
      child: youngest.child,
      relationship: "Father",
      parental_responsibility: true,
    });
  }
  return { contact, relations, rank: adults.length };
}

function drawResponsibility(chance: Chance, relationship: string): boolean | null {
  const share = chance.next();
  if (relationship === "Mother" || relationship.endsWith("uardian")) return share < 0.97 || null;
  if (relationship === "Father") return share < 0.9 ? true : share < 0.96 ? false : null;
  return share < 0.88 ? false : null;
}

function placesOf(adult: Adult, contact: number): PlaceSeed[] {
  return adult.relations.map(({ child, relationship, parental_responsibility }) => ({
    contact,
    learner: child.index,
    relationship,
    priority: adult.rank + 1,
    parental_responsibility,
  }));
}

function drawLearners(chance: Chance, children: Child[], at: number, taken: Taken): LearnerSeed[] {
  const sizes = new Map<number, number>();
  for (const { cohort } of children) sizes.set(cohort, (sizes.get(cohort) ?? 0) + 1);
  const groupsOf = (year: number): number =>
    Math.max(1, Math.round((sizes.get(year - 6) ?? 0) / 28));
  const seated = new Map<number, number>();
  const drawUpn = upnDrawer(chance, children.length, taken.upns);
  const learners = children.map((child): LearnerSeed => {
    const applicant = child.cohort === 0;
    const left = child.cohort > 7;
    const early = !applicant && !left && chance.is(0.02);
    const year = applicant ? 7 : left ? chance.of([11, 13, 13]) : child.cohort + 6;
    const seat = left ? chance.int(groupsOf(year)) : seated.get(year) ?? 0;
    if (!left && !applicant) seated.set(year, seat + 1);
    const since = schoolYear(at) - (child.cohort - 8) - (year === 11 ? 2 : 0);
    return {
      admission_number: "",
      upn: chance.is(applicant ? 0.7 : 0.99) ? drawUpn(birthDate(at, child.cohort + 6, 0)) : null,
      first_name: child.first_name,
      surname: child.surname,
      date_of_birth: birthDate(at, child.cohort + 6, child.day),
      year_group: `Year ${year}`,
      registration_group: applicant ? null : `${year}${letters(seat % groupsOf(year))}`,
      status: applicant ? "Applicant" : left || early ? "Leaver" : "Current",
      left_on: left
        ? `${since}-07-${18 + chance.int(5)}`
        : early
        ? isoDay(at - (1 + chance.int(300)) * DAY)
        : null,
    };
  });
  // Those who came first have the lower numbers.
  const byCohort = children.toSorted((a, b) => b.cohort - a.cohort || a.index - b.index);
  for (const [place, { index }] of byCohort.entries()) {
    const learner = learners[index];
    if (learner) {
      learner.admission_number = String(taken.firstAdmissionNumber + place).padStart(6, "0");
    }
  }
  return learners;
}

/** A, B … Z, AA, AB …: as columns of a workbook are named. */
function letters(at: number): string {
  return (at < 26 ? "" : letters(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + at % 26);
}

/** Numbers as the primary schools around gave them, in the year in which a child was four. */
function upnDrawer(chance: Chance, learners: number, taken: Set<string>): (born: string) => string {
  const primaries = Math.max(40, Math.ceil(learners / 1000));
  return (born) => {
    const year = String((Number(born.slice(0, 4)) + 5) % 100).padStart(2, "0");
    for (;;) {
      const school = 2000 + chance.int(primaries);
      const upn = upnOf(`820${school}${year}${String(chance.int(1000)).padStart(3, "0")}`);
      if (taken.has(upn)) continue;
      taken.add(upn);
      return upn;
    }
  };
}

function giveEmails(chance: Chance, family: Family, taken: Set<string>): void {
  const shared = chance.is(0.08);
  for (const [at, { contact }] of family.adults.entries()) {
    if (chance.is(0.08)) continue;
    const first = family.adults[0]?.contact.email ?? null;
    contact.email = shared && at === 1 && first !== null
      ? first
      : freeEmail(chance, contact, taken);
  }
}

/** The first adult of every family, then the second, …, until there are enough. */
function chooseAdults(families: Family[], count: number): Adult[] {
  return families.filter((family) => !family.late).flatMap((family) => family.adults)
    .toSorted((a, b) => a.rank - b.rank).slice(0, count);
}

function drawLogons(
  chance: Chance,
  adults: Adult[],
  chosen: Adult[],
  at: number,
  taken: Set<string>,
): { logons: LogonSeed[]; habits: Habit[]; links: LinkSeed[] } {
  const shared = sharedEmails(adults);
  const own = (email: string | null): string | null =>
    email === null || shared.has(email) ? null : email;
  const positions = new Map(adults.map((adult, position) => [adult.contact, position]));
  const drafts = chosen.map((adult) => ({ adult, habit: drawHabit(chance, at) }))
    .toSorted((a, b) => a.habit.created - b.habit.created);
  const logons = drafts.map(({ adult: { contact }, habit }): LogonSeed => {
    const closed = (by: string): boolean => habit.closed < at && habit.closedBy === by;
    const later = chance.is(0.01) ? isoDay(at + (1 + chance.int(300)) * DAY) : null;
    return {
      first_name: contact.first_name,
      surname: contact.surname,
      email: contact.email,
      username: freeUsername(contact, own(contact.email), taken),
      contact: positions.get(contact) ?? null,
      tfa: chance.is(0.03) ? "required" : "off",
      suspended_at: closed("suspended") ? isoTime(habit.closed) : null,
      expires_on: closed("expired") ? isoDay(habit.closed - DAY) : later,
      deleted_at: closed("deleted") ? isoTime(habit.closed) : null,
      created_at: isoTime(habit.created),
    };
  });
  const links = drafts.flatMap(({ adult }, logon) =>
    chance.is(0.005) ? [] : adult.relations.map(({ child, parental_responsibility }): LinkSeed => ({
      logon,
      learner: child.index,
      warning: parental_responsibility === false ? "no parental responsibility" : null,
    }))
  );
  return { logons, habits: drafts.map(({ habit }) => habit), links };
}

function drawHabit(chance: Chance, at: number): Habit {
  const password = chance.is(0.1) ? "none" : chance.is(0.12) ? "temporary" : "chosen";
  const share = chance.next();
  const closedBy = share < 0.01 ? "suspended" : share < 0.02 ? "expired" : "deleted";
  const ago = 1 + chance.next() * (closedBy === "deleted" ? 27 : 200);
  const closed = share < 0.035 ? at - Math.floor(ago * DAY) : Infinity;
  const old = closed < at || chance.is(0.75);
  return {
    // Some parents look in every day, most once in a while.
    weight: password === "chosen" ? (-Math.log(1 - chance.next())) ** 1.4 + 0.01 : 0.02,
    created: at - Math.floor((old ? 366 + chance.next() * 1100 : 2 + chance.next() * 363) * DAY),
    // Midnight, since an expiry date ends with its day.
    closed: closedBy === "expired" && closed < at ? Math.floor(closed / DAY) * DAY : closed,
    closedBy,
    password,
    expires: at + (chance.int(60) - 50) * DAY,
  };
}

function sharedEmails(adults: Adult[]): Set<string> {
  const seen = new Set<string>();
  return new Set(adults.flatMap(({ contact: { email } }) => {
    if (email === null || !seen.has(email)) {
      if (email !== null) seen.add(email);
      return [];
    }
    return [email];
  }));
}

function drawPasswords(
  chance: Chance,
  habits: Habit[],
  signIns: SignInSeed[],
  at: number,
  hash: string,
): PasswordSeed[] {
  const signedIn = new Set(
    signIns.filter(({ outcome }) => outcome === "success").map(({ logon }) => logon),
  );
  return habits.flatMap(({ password, expires }, logon): PasswordSeed[] => {
    if (password === "none") return [];
    if (signedIn.has(logon)) return [{ logon, hash, expires_at: null }];
    // Nobody chose a password without signing in.
    const until = password === "temporary" ? expires : at + (chance.int(14) - 7) * DAY;
    return [{ logon, hash, expires_at: isoTime(until) }];
  });
}

function drawSignIns(chance: Chance, habits: Habit[], count: number, at: number): SignInSeed[] {
  const today = Math.floor(at / DAY) * DAY;
  const days = wheel(Array.from({ length: 365 }, (_, ago) => dayWeight(today - (ago + 1) * DAY)));
  const logons = wheel(habits.map(({ weight }) => weight));
  const times = Float64Array.from({ length: count }, () => {
    const day = today - (days(chance.next()) + 1) * DAY;
    return day + HOURS(chance.next()) * 3_600_000 + chance.int(3600) * 1000;
  }).sort();
  return Array.from(times, (time): SignInSeed => {
    // Sooner or later somebody is found who could have tried then.
    for (let tries = chance.is(0.01) ? 0 : 8; tries > 0; tries--) {
      const logon = logons(chance.next());
      const habit = habits[logon];
      if (!habit || time < habit.created) continue;
      if (time < habit.closed) {
        return { at: time, logon, outcome: drawOutcome(chance, habit, time) };
      }
      if (chance.is(0.03)) return { at: time, logon, outcome: habit.closedBy };
    }
    return { at: time, logon: null, outcome: "unknown username" };
  });
}

function drawOutcome(chance: Chance, habit: Habit, time: number): string {
  if (habit.password === "none") return "no password";
  if (habit.password === "temporary") {
    return time < habit.expires ? "wrong password" : "password expired";
  }
  const share = chance.next();
  return share < 0.057 ? "wrong password" : share < 0.062 ? "waiting" : "success";
}

/** How much goes on at the portal on a day: most on school days, and in the first weeks of the year. */
function dayWeight(day: number): number {
  const date = new Date(day);
  const [month, inMonth] = [date.getUTCMonth() + 1, date.getUTCDate()];
  if (date.getUTCDay() % 6 === 0) return 0.35;
  const holiday = month === 8 || month === 12 && inMonth > 20 || month === 1 && inMonth < 4 ||
    month === 4 && inMonth < 15 || (month === 10 || month === 5) && inMonth > 24;
  return holiday ? 0.2 : month === 9 && inMonth < 22 ? 1.8 : 1;
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}
