// Lists of learners and of contacts: which one it is, what a cell may hold, and each fault with its row.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { contactsTemplate, learnersTemplate } from "../../../jobs/feed_templates.ts";
import { workbookBytes } from "../../../lib/excel/write.ts";
import { CONTACT_COLUMNS, LEARNER_COLUMNS } from "../../../lib/feeds/sheet_columns.ts";
import { list, read, utf8 } from "../../feeds.ts";

function said(bytes: Uint8Array): string[] {
  return read(bytes, "list.csv").problems.map(({ line, sentence }) => `${line}: ${sentence}`);
}

describe("a list", () => {
  it("is told by its headings: learners or contacts", () => {
    const learners = read(
      list("Forename,Legal surname,Adno,Tutor Group", "Sam,Reed,0001,7A"),
      "a.csv",
    );
    assert.equal(learners.kind, "Learners sheet");
    assert.deepEqual(
      [learners.learners[0]?.admissionNumber, learners.learners[0]?.registrationGroup],
      ["0001", "7A"],
    );
    const contacts = read(
      list("Our contacts", "", "Forename\tSurname\tAdno\tPR", "Jo\tReed\t0001\tT"),
      "contacts.txt",
    );
    assert.equal(contacts.kind, "Contacts sheet");
    assert.deepEqual(
      contacts.relationships.map((
        { learner, line, parentalResponsibility },
      ) => [learner, line, parentalResponsibility]),
      [["0001", 4, true]],
    );
    assert.equal(
      read(list("First name,Surname,UPN", "A,B,A123456789012"), "a.csv").kind,
      "Learners sheet",
    );
  });

  it("has the text of cells that a school system has written as formulas to keep their zeros", () => {
    const { learners } = read(
      list("First name,Surname,Adno,DOB", 'Sam,Reed,="0012",="02/03/2014"', '=""'),
      "a.csv",
    );
    assert.deepEqual(
      learners.map(({ admissionNumber, dateOfBirth }) => [admissionNumber, dateOfBirth]),
      [["0012", "2014-03-02"]],
    );
  });

  it("has templates that it reads itself, made from the same columns", async () => {
    const learners = read(await learnersTemplate(), "Learners.xlsx");
    const contacts = read(await contactsTemplate(), "Contacts.xlsx");
    assert.deepEqual([learners.kind, learners.learners.length, learners.problems], [
      "Learners sheet",
      1,
      [],
    ]);
    assert.deepEqual([contacts.kind, contacts.contacts.length, contacts.problems], [
      "Contacts sheet",
      1,
      [],
    ]);
    assert.deepEqual(learners.learners[0]?.dateOfBirth, "2014-03-02");
    assert.equal(contacts.relationships.length, 2);
    assert.equal(LEARNER_COLUMNS.length + CONTACT_COLUMNS.length, 18);
  });

  it("reads date cells whatever they show, and dates that are written with the day first", async () => {
    const book = await workbookBytes(async (writer) => {
      const sheet = await writer.addSheet({ name: "Learners" });
      await sheet.addRow(["First name", "Surname", "Admission number", "Date of birth"]);
      await sheet.addRow(["Sam", "Reed", "0001", Temporal.PlainDate.from("2014-03-02")]);
      await sheet.addRow(["Al", "Reed", "0002", "3 Apr 2013"]);
      await sheet.addRow(["Bo", "Reed", "0003", "05/06/2012"]);
      await sheet.close();
    });
    assert.deepEqual(
      read(book, "l.xlsx").learners.map(({ dateOfBirth }) => dateOfBirth),
      ["2014-03-02", "2013-04-03", "2012-06-05"],
    );
    const american = list("First name,Surname,Adno,DOB", "A,B,1,02/03/2014", "C,D,2,12/19/1997");
    assert.throws(
      () => read(american, "l.csv"),
      /Row 3 of l\.csv has the date 12\/19\/1997, with the month first/,
    );
  });

  it("names row and column of what it cannot read", () => {
    assert.deepEqual(
      said(list(
        "First name,Surname,Admission number,UPN,Status,Date of birth",
        ",Reed,1,,,",
        "Al,Reed,,,,",
        "Bo,Reed,3,,Gone,soon",
        "Cy,Reed,4,A123456789011,,",
        "Di,Reed,5,a123456789011,,",
      )),
      [
        "2: There is no first name.",
        "3: There is neither an admission number nor a UPN.",
        "4: Status “Gone”: Enter Current, Applicant or Leaver. Date of birth “soon”: Write a date as 2014-03-02, or as 02/03/2014 with the day first.",
        "6: The UPN A123456789011 also stands in line 5 of list.csv. Neither was read: give each learner its own.",
        "5: The UPN A123456789011 also stands in line 6 of list.csv. Neither was read: give each learner its own.",
      ],
    );
    assert.deepEqual(
      said(
        list(
          "First name,Surname,Learners,Priority,PR",
          ",,1,,",
          "Jo,Reed,,,",
          "Al,Reed,1,100,perhaps",
        ),
      ),
      [
        "2: There is no name.",
        "3: There is no learner.",
        "4: Priority “100”: Enter a whole number from 1 to 99. Parental Responsibility “perhaps”: Enter yes or no.",
      ],
    );
  });

  it("folds repeated rows of one adult, and takes a contradiction about Parental Responsibility as not known", () => {
    const feed = read(
      list(
        "First name,Surname,Email,Mobile,Learners,PR",
        "Jo,Reed,jo@example.org,,1,yes",
        "Jo,Reed,jo@example.org,,1;2,",
        "Al,Reed,,07700 900001,1,yes",
        "Al,Reed,,07700 900001,1,no",
        "Al,Reed,,,1,",
      ),
      "c.csv",
    );
    assert.equal(feed.contacts.length, 3);
    assert.deepEqual(
      feed.relationships.map((
        { learner, parentalResponsibility },
      ) => [learner, parentalResponsibility]),
      [["1", true], ["2", null], ["1", null], ["1", null]],
    );
    assert.match(
      feed.problems[0]?.sentence ?? "",
      /says the opposite about Parental Responsibility/,
    );
  });

  it("is refused with headings of both, with one heading twice, with none, and with nothing below", () => {
    const cases: [Uint8Array, RegExp][] = [
      [
        list("First name,Surname,Admission number,Year group,Relationship", "a,b,1,7,Mother"),
        /headings of learners \(Year group\) and of contacts \(Relationship\)/,
      ],
      [
        list("Forename,Surname,Forename,Adno,DOB", "a,b,c,1,"),
        /First name stands in columns A \(Forename\) and C \(Forename\)/,
      ],
      [list("First name,Surname,Year group", "a,b,7"), /no heading Admission number and none UPN/],
      [list("First name,Surname,Relationship", "a,b,Mother"), /no heading Learners/],
      [list("Name,Class", "a,b"), /headings First name and Surname, and found none/],
      [list("First name,Surname,Adno"), /no rows below the headings/],
      [utf8("%PDF-1.7"), /PDF/],
    ];
    for (const [bytes, sentence] of cases) assert.throws(() => read(bytes, "l.csv"), sentence);
    const many = list(
      "First name,Surname,Adno",
      ...Array.from({ length: 20_100 }, (_, at) => `A,B,${at}`),
    );
    assert.throws(() => read(many, "l.csv"), /more than 20,000 rows/);
  });

  it("keeps names in Windows-1252, and every kind of text in a cell", () => {
    const bytes = Uint8Array.from(
      "First name;Surname;Adno\r\nZo\u00eb;O\u0092Neil;1",
      (one) => one.charCodeAt(0),
    );
    assert.deepEqual(
      read(bytes, "l.csv").learners.map(({ firstName, surname }) => [firstName, surname]),
      [["Zoë", "O’Neil"]],
    );
    const odd = read(
      list("First name,Surname,Adno", "<b>𝒮am</b>,\u00a0Re  ed ,=1+1", `${"x".repeat(10_000)},b,2`),
      "l.csv",
    );
    assert.deepEqual(odd.learners.map(({ firstName, surname, id }) => [firstName, surname, id]), [[
      "<b>𝒮am</b>",
      "Re ed",
      "=1+1",
    ]]);
  });
});
