// Common Transfer Files: pupils, contacts and Parental Responsibility, and XML that is an attack or none.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { contactXml, read, transferFile, utf8 } from "../../feeds.ts";

const NAME = "9990001_CTF_9990002_001.xml";

describe("a Common Transfer File", () => {
  it("gives pupils by UPN and their contacts in order, with what is said and nothing else", () => {
    const feed = read(
      transferFile([{
        upn: "A123456789011",
        born: "2014-03-02",
        year: "R",
        contacts: contactXml(
          {
            Order: "2",
            Title: "Mrs",
            Surname: "O’Reed",
            Forename: "Zoë &amp; Jo",
            Relationship: "paf",
            Responsibility: "TRUE",
            Email: "jo@example.org",
          },
          "<Phone><TelephoneType>H</TelephoneType><PhoneNo>01632 960001</PhoneNo></Phone>" +
            "<Phone><TelephoneType>M</TelephoneType><PhoneNo>07700 900001</PhoneNo></Phone>",
        ) + contactXml({ Surname: "Gran", Forename: "Ann", Responsibility: "0" }) +
          contactXml({ Surname: "Other", Forename: "Al", Relationship: "ZZZ" }),
      }]),
      NAME,
    );
    assert.equal(feed.version, "Common Transfer File 24.0");
    assert.equal(feed.isComplete, false);
    const [learner] = feed.learners;
    assert.deepEqual(
      [learner?.id, learner?.yearGroup, learner?.dateOfBirth, learner?.admissionNumber],
      ["A123456789011", "Reception", "2014-03-02", null],
    );
    assert.deepEqual(
      feed.contacts.map((
        { firstName, surname, email, mobile },
      ) => [firstName, surname, email, mobile]),
      [
        ["Zoë & Jo", "O’Reed", "jo@example.org", "07700 900001"],
        ["Ann", "Gran", null, null],
        ["Al", "Other", null, null],
      ],
    );
    assert.deepEqual(
      feed.relationships.map((one) => [one.relationship, one.priority, one.parentalResponsibility]),
      [["Father", 2, true], [null, null, false], ["ZZZ", null, null]],
    );
  });

  it("is read with a namespace, a prefix, a mark and UTF-16", () => {
    const plain = new TextDecoder().decode(transferFile([{ upn: "A123456789011" }]));
    const named = plain.replace(
      "<CTfile>",
      '<c:CTfile xmlns:c="http://www.dcsf.gov.uk/schemas/cbds">',
    )
      .replace("</CTfile>", "</c:CTfile>");
    const spaced = plain.replace(
      "<CTfile>",
      '<CTfile xmlns="http://www.dcsf.gov.uk/schemas/cbds">',
    );
    for (const text of [named, spaced, `\ufeff${plain}`]) {
      assert.equal(read(utf8(text), NAME).learners.length, 1);
    }
    const wide = `\ufeff${plain.replace("UTF-8", "UTF-16")}`;
    const bytes = new Uint8Array(new Uint16Array([...wide].map((one) => one.charCodeAt(0))).buffer);
    assert.equal(read(bytes, NAME).learners.length, 1);
  });

  it("never takes the pupil's own email and phones for a contact's, nor silence for no", () => {
    const text = new TextDecoder().decode(
      transferFile([{
        upn: "A123456789011",
        contacts: contactXml({ Surname: "Lee", Forename: "Al" }),
      }]),
    ).replace("<Contacts>", "<Email>pupil@example.org</Email><Contacts>");
    const feed = read(utf8(text), NAME);
    assert.equal(feed.contacts.length, 1);
    assert.equal(feed.contacts[0]?.email, null);
    assert.equal(feed.relationships[0]?.parentalResponsibility, null);
  });

  it("makes one adult of the mother of two siblings", () => {
    const mother = contactXml({ Surname: "Reed", Forename: "Jo", Email: "jo@example.org" });
    const feed = read(
      transferFile([
        { upn: "A123456789011", contacts: mother },
        { upn: "A123456789022", contacts: mother + mother },
      ]),
      NAME,
    );
    assert.equal(feed.contacts.length, 1);
    assert.equal(feed.relationships.length, 2);
  });

  it("names the line of a pupil without a UPN, and of a contact without a name", () => {
    const feed = read(
      transferFile([
        { forename: "No", surname: "Number" },
        {
          upn: "A123456789011",
          contacts: `\n${contactXml({ Surname: "Only" })}${
            contactXml({ Forename: "Al", Surname: "Lee", Responsibility: "maybe" })
          }`,
        },
        { upn: "A123456789022", born: "31/12/2014" },
      ]),
      NAME,
    );
    assert.deepEqual(
      feed.problems.map(({ line, who, sentence }) => `${line} ${who}: ${sentence.slice(0, 40)}`),
      [
        "5 No Number: There is no UPN, and a Common Transfer F",
        "9 Only: There is no first name.",
        "10 : Responsibility is neither true nor false",
        "12 : The date of birth 31/12/2014 is no day a",
      ],
    );
    assert.equal(feed.learners.length, 2);
    assert.equal(feed.relationships[0]?.parentalResponsibility, null);
  });

  it("is refused with a DOCTYPE, cut off, of another kind, and without pupils", () => {
    const whole = transferFile([{ upn: "A123456789011" }]);
    const laughs = `<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "${
      "&b;".repeat(9)
    }">]>\n<CTfile>&c;</CTfile>`;
    const cases: [Uint8Array, RegExp][] = [
      [utf8(laughs), /contains a document type declaration \(DOCTYPE\) near line 2/],
      [utf8('<!DOCTYPE CTfile SYSTEM "file:///etc/passwd"><CTfile/>'), /document type declaration/],
      [whole.subarray(0, whole.length - 30), /cut off or not sound XML near line \d/],
      [utf8("<?xml version='1.0'?><CTfile><a></b></CTfile>"), /not sound XML/],
      [utf8("<?xml version='1.0'?><CTfile>&unknown;</CTfile>"), /not sound XML/],
      [utf8("<?xml version='1.0'?><ATfile/>"), /Admissions Data Transfer File/],
      [utf8("<?xml version='1.0'?><Message/>"), /begins with Message, not with CTfile/],
      [transferFile([]), /holds no pupil/],
      [utf8(`<?xml version='1.0'?>${"<CTfile>".repeat(300)}`), /not sound XML/],
      [Uint8Array.of(...utf8("<?xml version='1.0'?><CTfile>"), 0xff, 0xfe), /not sound XML/],
    ];
    for (const [bytes, sentence] of cases) assert.throws(() => read(bytes, NAME), sentence);
  });
});
