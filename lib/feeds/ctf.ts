// Reads a Common Transfer File of the Department for Education: pupils and their contacts, with Parental Responsibility.

import { Refusal } from "../excel/refusal.ts";
import { XmlReader } from "../excel/xml.ts";
import { decodeXml } from "../excel/xml_encoding.ts";
import { type Feed, FeedBuilder, FeedRefusal, MOST_RECORDS, type Place, whoOf } from "./feed.ts";
import { nameProblem } from "./roster.ts";
import { isoDateOf, lineOf, shortLineOf, yearGroupOf, yesNoOf } from "./values.ts";
import { tooMany } from "./csv_set.ts";

/**
 * Words for codes of the Common Basic Data Set (contact relationship) that are in general use. The list is replaced from
 * time to time: a code that is not here is kept as it is.
 */
const RELATIONSHIPS: Readonly<Record<string, string>> = {
  PAM: "Mother",
  PAF: "Father",
  STM: "Stepmother",
  STF: "Stepfather",
  FOM: "Foster mother",
  FOF: "Foster father",
  CAR: "Carer",
};

/** Elements of a pupil, or of a contact, that hold others of no use here. */
type Fields = { readonly texts: Map<string, string>; readonly phones: Phone[] };
type Phone = { readonly type: string; readonly number: string };

/**
 * Reads a file. It is never complete: it holds those who move, not the school.
 * @throws {FeedRefusal} where it cannot be read as a whole
 */
export function readCtf(bytes: Uint8Array, name: string): Feed {
  return new CtfReader(bytes, name).read();
}

class CtfReader {
  readonly #name: string;
  readonly #xml: XmlReader;
  readonly #feed = new FeedBuilder("Common Transfer File");
  #version = "";
  #pupils = 0;

  constructor(bytes: Uint8Array, name: string) {
    this.#name = name;
    this.#xml = this.#sound(() => new XmlReader(decodeXml(bytes, name), name));
  }

  read(): Feed {
    this.#sound(() => this.#readRoot());
    if (this.#pupils === 0) {
      throw new FeedRefusal(`${this.#name} holds no pupil. Export it again with pupils in it.`);
    }
    return this.#feed.finish({
      version: `Common Transfer File ${this.#version}`.trim(),
      isComplete: false,
    });
  }

  /** Names are compared without their namespace: the schemas of 10 and 11 have one, what systems write has none. */
  #readRoot(): void {
    const xml = this.#xml;
    while (xml.next() !== "open") {
      // Nothing but comments can stand before the root.
    }
    this.#checkRoot(xml.name);
    for (let event = xml.next(); event !== "end"; event = xml.next()) {
      if (event !== "open") continue;
      if (xml.name === "Header") this.#readHeader();
      else if (xml.name === "Pupil") this.#readPupil();
      else if (xml.name !== "CTFpupilData" && xml.name !== "Pupils") xml.passOver();
    }
  }

  #checkRoot(name: string): void {
    if (name === "CTfile") return;
    throw new FeedRefusal(
      name === "ATfile"
        ? `${this.#name} is an Admissions Data Transfer File. Send a Common Transfer File (CTF).`
        : `${this.#name} is XML, but no Common Transfer File: it begins with ${
          shortLineOf(name, 40) ?? "another element"
        }, not with CTfile.`,
    );
  }

  #readHeader(): void {
    this.#children(() => {
      if (this.#xml.name === "CTFversion") this.#version = lineOf(this.#xml.readText()) ?? "";
      else this.#xml.passOver();
    });
    if (this.#version.length > 10) this.#version = "";
  }

  #readPupil(): void {
    const xml = this.#xml;
    const place: Place = { file: this.#name, line: xml.line };
    if (++this.#pupils > MOST_RECORDS) throw tooMany(this.#name, place.line);
    const texts = new Map<string, string>();
    const contacts: { place: Place; fields: Fields }[] = [];
    this.#children(() => {
      if (xml.name === "Contacts") {
        this.#children(() => {
          const at = { file: this.#name, line: xml.line };
          if (xml.name === "Contact") contacts.push({ place: at, fields: this.#readFields() });
          else xml.passOver();
        });
      } else if (xml.name === "BasicDetails") {
        this.#children(() => {
          if (xml.name === "NCyearActual") texts.set(xml.name, xml.readText());
          else xml.passOver();
        });
      } else this.#keepText(texts);
    });
    this.#addPupil(place, texts, contacts);
  }

  #keepText(texts: Map<string, string>): void {
    const { name } = this.#xml;
    if (SIMPLE.has(name) && !texts.has(name)) texts.set(name, this.#xml.readText());
    else this.#xml.passOver();
  }

  #readFields(): Fields {
    const xml = this.#xml;
    const fields: Fields = { texts: new Map(), phones: [] };
    this.#children(() => {
      if (xml.name !== "Phones") return this.#keepText(fields.texts);
      this.#children(() => {
        const phone = new Map<string, string>();
        if (xml.name !== "Phone") return xml.passOver();
        this.#children(() => {
          phone.set(xml.name, xml.readText());
        });
        const number = shortLineOf(phone.get("PhoneNo"), 40);
        const type = (phone.get("TelephoneType") ?? "").trim().toUpperCase();
        if (number !== null) fields.phones.push({ type, number });
      });
    });
    return fields;
  }

  /** Calls `read` at each element directly inside the one that was just opened; it must read to the close of that element. */
  #children(read: () => void): void {
    const xml = this.#xml;
    const outside = xml.depth - 1;
    for (;;) {
      const event = xml.next();
      if (event === "open") read();
      else if (event === "close" && xml.depth === outside) return;
    }
  }

  #addPupil(
    place: Place,
    texts: ReadonlyMap<string, string>,
    contacts: readonly { readonly place: Place; readonly fields: Fields }[],
  ): void {
    const names = namesOf(texts);
    const upn = shortLineOf(texts.get("UPN"), 40);
    const problem = upn === null
      ? "There is no UPN, and a Common Transfer File has no other number to know a learner by. Add the learner by hand, or give the UPN."
      : nameProblem(names.firstName, names.surname);
    if (upn === null || problem !== null) {
      const at = { ...place, who: whoOf(names), ...(upn === null ? {} : { id: upn }) };
      return this.#feed.leaveOut("learner", at, problem ?? "");
    }
    const born = (texts.get("DOB") ?? "").trim();
    const dateOfBirth = isoDateOf(born);
    if (born !== "" && dateOfBirth === undefined) {
      this.#feed.warn(
        place,
        `The date of birth ${
          shortLineOf(born, 30) ?? "…"
        } is no day as 2014-03-02, and was left out.`,
      );
    }
    this.#feed.learners.push({
      ...place,
      ...names,
      id: upn,
      admissionNumber: null,
      upn,
      dateOfBirth: dateOfBirth ?? null,
      yearGroup: yearGroupOf(lineOf(texts.get("NCyearActual"))),
      registrationGroup: null,
      status: null,
      leftOn: null,
    });
    for (const contact of contacts) this.#addContact(upn, contact.place, contact.fields);
  }

  #addContact(learner: string, place: Place, { texts, phones }: Fields): void {
    const names = namesOf(texts);
    const problem = nameProblem(names.firstName, names.surname);
    if (problem !== null) {
      return this.#feed.leaveOut("contact", { ...place, who: whoOf(names) }, problem);
    }
    const key = `${place.file}:${place.line}:${this.#feed.contacts.length}`;
    const mobile = phones.find(({ type }) => type === "M") ??
      phones.find(({ number }) => /^(?:\+44|0)\s?7/.test(number));
    const responsible = yesNoOf(texts.get("Responsibility"));
    if (responsible === undefined) {
      this.#feed.warn(
        place,
        "Responsibility is neither true nor false, so it is taken as not known.",
      );
    }
    const order = Number(texts.get("Order") ?? "");
    this.#feed.contacts.push({
      ...place,
      ...names,
      key,
      ids: [],
      email: shortLineOf(texts.get("Email"), 254),
      mobile: mobile?.number ?? null,
    });
    const code = shortLineOf(texts.get("Relationship"), 40);
    this.#feed.relationships.push({
      ...place,
      learner,
      contact: key,
      relationship: code === null ? null : RELATIONSHIPS[code.toUpperCase()] ?? code,
      priority: Number.isInteger(order) && order >= 1 && order <= 99 ? order : null,
      // Absent means not known, never no.
      parentalResponsibility: responsible ?? null,
    });
  }

  /** Says a fault of the XML in words about this file, with its line. */
  #sound<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const line = this.#xml === undefined
        ? ""
        : ` near line ${this.#xml.line.toLocaleString("en-GB")}`;
      throw new FeedRefusal(
        error.kind === "dtd"
          ? `${this.#name} contains a document type declaration (DOCTYPE)${line}, which no Common Transfer File has and which can be used for an attack, so it was not opened. Export it again.`
          : `${this.#name} is cut off or not sound XML${line}. Export it again and send the new file.`,
      );
    }
  }
}

/** Elements with nothing but text that are read, of pupils and of contacts. */
const SIMPLE = new Set([
  "UPN",
  "Surname",
  "Forename",
  "DOB",
  "Order",
  "Relationship",
  "Responsibility",
  "Email",
]);

function namesOf(texts: ReadonlyMap<string, string>): { firstName: string; surname: string } {
  return {
    firstName: lineOf(texts.get("Forename")) ?? "",
    surname: lineOf(texts.get("Surname")) ?? "",
  };
}
