// What a feed says, whatever its format: learners, contacts, who belongs to whom, and what is wrong, with file and line.

export const FEED_KINDS = [
  "Learners sheet",
  "Contacts sheet",
  "OneRoster",
  "School Data Sync",
  "Common Transfer File",
] as const;
export type FeedKind = (typeof FEED_KINDS)[number];

/** Where something stands: the file's name, and the line (of a workbook, the row) from 1. */
export type Place = { readonly file: string; readonly line: number };

export type LearnerStatus = "Current" | "Applicant" | "Leaver";

/** A learner as a feed has it; null for what it does not say. */
export type FeedLearner = Place & {
  /** What the sender knows the learner by. */
  readonly id: string;
  readonly admissionNumber: string | null;
  readonly upn: string | null;
  readonly firstName: string;
  readonly surname: string;
  /** As 2014-03-02. */
  readonly dateOfBirth: string | null;
  readonly yearGroup: string | null;
  readonly registrationGroup: string | null;
  readonly status: LearnerStatus | null;
  /** The last day at school, as 2026-07-22, where the status is Leaver and the feed says it. */
  readonly leftOn: string | null;
};

/** A contact as a feed has it; null for what it does not say. */
export type FeedContact = Place & {
  /** Names the contact inside this feed. */
  readonly key: string;
  /** What the sender knows the contact by: none where the format has no such thing, several for a doubled record. */
  readonly ids: readonly string[];
  readonly firstName: string;
  readonly surname: string;
  readonly email: string | null;
  readonly mobile: string | null;
};

/** A contact on a learner's record. */
export type FeedRelationship = Place & {
  /** The learner's id in this feed; of a contacts sheet, an admission number or UPN. */
  readonly learner: string;
  /** The contact's key in this feed, or the id of one that an earlier feed brought. */
  readonly contact: string;
  readonly relationship: string | null;
  readonly priority: number | null;
  /** null: not known, which is never read as no. */
  readonly parentalResponsibility: boolean | null;
};

/** Something wrong with a record, or worth knowing about the feed. */
export type FeedProblem = {
  readonly file: string;
  /** null where it is about the file as a whole. */
  readonly line: number | null;
  /** What it is about; a record that is wrong is left out. */
  readonly of: "learner" | "contact" | "relationship" | "file";
  readonly weight: "error" | "warning";
  /** First name and surname as far as they were read; may be empty. */
  readonly who: string;
  readonly sentence: string;
};

/** Somebody in a package of changes of whom it does not say whether it is a learner or a contact: an earlier feed has. */
export type LoosePerson = {
  readonly learner: FeedLearner;
  readonly contact: FeedContact;
  /** The sender has taken the person away. */
  readonly isRemoved: boolean;
};
/** Two people who belong together, of whom the package does not say which one is the learner. */
export type LooseTie = Place & { readonly one: string; readonly other: string };

export type Feed = {
  readonly kind: FeedKind;
  /** In words, as "OneRoster 1.2, everything". */
  readonly version: string;
  /** Whether it holds everybody, so that who is missing has left. */
  readonly isComplete: boolean;
  readonly learners: readonly FeedLearner[];
  readonly contacts: readonly FeedContact[];
  readonly relationships: readonly FeedRelationship[];
  /** Ids of people whose record is wrong: left out, but not missing. */
  readonly broken: { readonly learners: readonly string[]; readonly contacts: readonly string[] };
  /** Ids of contacts whom the sender has taken away. */
  readonly removedContacts: readonly string[];
  readonly loose: {
    readonly people: readonly LoosePerson[];
    readonly ties: readonly LooseTie[];
  };
  readonly problems: readonly FeedProblem[];
  /** Problems of which there were so many that they are only counted. */
  readonly uncounted: { readonly errors: number; readonly warnings: number };
};

/** Thrown where a whole feed cannot be read: the message is a sentence for the person who sent it. */
export class FeedRefusal extends Error {
  override readonly name = "FeedRefusal";
}

/** Learners, contacts or ties in one feed at most. */
export const MOST_RECORDS = 100_000;
/** Problems of each weight that are kept with their sentence. */
const MOST_TOLD = { error: 2000, warning: 200 } as const;

/** Collects what a reader finds. */
export class FeedBuilder {
  readonly #kind: FeedKind;
  readonly learners: FeedLearner[] = [];
  readonly contacts: FeedContact[] = [];
  readonly relationships: FeedRelationship[] = [];
  readonly removedContacts: string[] = [];
  readonly loosePeople: LoosePerson[] = [];
  readonly looseTies: LooseTie[] = [];
  readonly #broken = { learners: new Set<string>(), contacts: new Set<string>() };
  readonly #problems: FeedProblem[] = [];
  readonly #told = { error: 0, warning: 0 };
  readonly #uncounted = { error: 0, warning: 0 };

  constructor(kind: FeedKind) {
    this.#kind = kind;
  }

  tell(problem: FeedProblem): void {
    if (++this.#told[problem.weight] <= MOST_TOLD[problem.weight]) this.#problems.push(problem);
    else this.#uncounted[problem.weight]++;
  }

  /** A record that is left out. @param id by which others may refer to it */
  leaveOut(
    of: "learner" | "contact" | "relationship",
    at: Place & { readonly id?: string; readonly who?: string },
    sentence: string,
  ): void {
    const { file, line, id, who = "" } = at;
    if (id !== undefined && of !== "relationship") this.#broken[`${of}s`].add(id);
    this.tell({ file, line, of, weight: "error", who, sentence });
  }

  /** A record of which nobody can tell what it is. */
  leaveOutPerson(at: Place & { readonly id: string }, sentence: string): void {
    this.#broken.contacts.add(at.id);
    this.leaveOut("learner", at, sentence);
  }

  warn(at: { readonly file: string; readonly line: number | null }, sentence: string): void {
    this.tell({ file: at.file, line: at.line, of: "file", weight: "warning", who: "", sentence });
  }

  /** What was found, without records that contradict each other, an adult's two records as one. */
  finish(said: { readonly version: string; readonly isComplete: boolean }): Feed {
    const learners = this.#withoutDoubles();
    const { contacts, keyOf } = mergeAdults(this.contacts);
    const relationships = this.#mergeRelationships(keyOf);
    const tied = new Set(relationships.map(({ contact }) => contact));
    const kept = contacts.filter((contact) => !said.isComplete || tied.has(contact.key));
    // Who belongs to nobody but a learner whose record is faulty goes without a word: the fault was told.
    const meant = new Set(this.relationships.map(({ contact }) => keyOf.get(contact) ?? contact));
    const alone = contacts.filter(({ key }) => said.isComplete && !meant.has(key));
    const [lonely] = alone;
    if (lonely) {
      const count = alone.length;
      this.warn(
        { file: lonely.file, line: lonely.line },
        count === 1
          ? "One adult belongs to no learner and was left out."
          : `${
            count.toLocaleString("en-GB")
          } adults belong to no learner and were left out; this is the first.`,
      );
    }
    return {
      kind: this.#kind,
      ...said,
      learners,
      contacts: kept,
      relationships,
      broken: {
        learners: [...this.#broken.learners],
        contacts: [...this.#broken.contacts],
      },
      removedContacts: this.removedContacts,
      loose: { people: this.loosePeople, ties: this.looseTies },
      problems: this.#problems,
      uncounted: { errors: this.#uncounted.error, warnings: this.#uncounted.warning },
    };
  }

  /** Two learners with one id, UPN or admission number: nobody can tell which is right, so neither is read. */
  #withoutDoubles(): FeedLearner[] {
    const wrong = new Map<FeedLearner, string>();
    const keys = [
      ["id", (one: FeedLearner) => one.id],
      ["UPN", (one: FeedLearner) => one.upn?.toUpperCase() ?? null],
      ["admission number", (one: FeedLearner) => one.admissionNumber?.toUpperCase() ?? null],
    ] as const;
    for (const [name, keyOf] of keys) {
      const first = new Map<string, FeedLearner>();
      for (const learner of this.learners) {
        const key = keyOf(learner);
        if (key === null) continue;
        const other = first.get(key);
        if (other === undefined) first.set(key, learner);
        else {
          for (const [one, its] of [[learner, other], [other, learner]] as const) {
            wrong.set(
              one,
              `The ${name} ${key} also stands in line ${its.line} of ${its.file}. Neither was read: give each learner its own.`,
            );
          }
        }
      }
    }
    for (const [learner, sentence] of wrong) {
      this.leaveOut("learner", { ...learner, who: whoOf(learner) }, sentence);
    }
    return wrong.size === 0 ? this.learners : this.learners.filter((one) => !wrong.has(one));
  }

  #mergeRelationships(keyOf: ReadonlyMap<string, string>): FeedRelationship[] {
    const merged = new Map<string, FeedRelationship>();
    for (const found of this.relationships) {
      const contact = keyOf.get(found.contact) ?? found.contact;
      if (this.#broken.contacts.has(contact) || this.#broken.learners.has(found.learner)) continue;
      const key = `${found.learner}\n${contact}`;
      const before = merged.get(key);
      if (before === undefined) {
        merged.set(key, contact === found.contact ? found : { ...found, contact });
        continue;
      }
      const one = before.parentalResponsibility;
      const other = found.parentalResponsibility;
      if (one !== null && other !== null && one !== other) {
        this.warn(
          found,
          `Line ${before.line} of ${before.file} says the opposite about Parental Responsibility, so it is taken as not known.`,
        );
      }
      merged.set(key, {
        ...before,
        relationship: before.relationship ?? found.relationship,
        priority: before.priority ?? found.priority,
        parentalResponsibility: one === null ? other : other === null || one === other ? one : null,
      });
    }
    return [...merged.values()];
  }
}

/** First name and surname. */
export function whoOf(person: { readonly firstName: string; readonly surname: string }): string {
  return `${person.firstName} ${person.surname}`.trim();
}

/** Two records with the same names and the same email are one adult: systems keep one for each child. */
function mergeAdults(
  found: readonly FeedContact[],
): { contacts: FeedContact[]; keyOf: Map<string, string> } {
  const leaders = new Map<string, FeedContact>();
  const byKey = new Map<string, FeedContact>();
  const keyOf = new Map<string, string>();
  for (const contact of found) {
    const same = contact.email === null
      ? byKey.get(contact.key)
      : leaders.get(adultKey(contact)) ?? byKey.get(contact.key);
    if (same === undefined) {
      byKey.set(contact.key, contact);
      if (contact.email !== null) leaders.set(adultKey(contact), contact);
      continue;
    }
    const leader = byKey.get(same.key) ?? same;
    if (contact.key !== leader.key) keyOf.set(contact.key, leader.key);
    byKey.set(leader.key, {
      ...leader,
      ids: [...new Set([...leader.ids, ...contact.ids])],
      email: leader.email ?? contact.email,
      mobile: leader.mobile ?? contact.mobile,
    });
  }
  return { contacts: [...byKey.values()], keyOf };
}

function adultKey(contact: FeedContact): string {
  return [contact.firstName, contact.surname, contact.email ?? ""]
    .map((text) => text.normalize("NFKC").toLowerCase()).join("\n");
}
