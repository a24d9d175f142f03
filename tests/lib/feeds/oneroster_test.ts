// OneRoster packages: what is read of each version, and a sentence with file and line for each that cannot be.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Feed, FeedRefusal } from "../../../lib/feeds/feed.ts";
import { changed, FAMILY, type Files, oneRoster, pack, read, utf8 } from "../../feeds.ts";
import { makeZip } from "../excel/build.ts";

function said(feed: Feed): string[] {
  return feed.problems.map(({ file, line, sentence }) => `${file} ${line}: ${sentence}`);
}

function tied(feed: Feed): string[] {
  return feed.relationships.map(({ learner, contact, relationship }) =>
    `${contact} is ${relationship} of ${learner}`
  );
}

function refusal(bytes: Uint8Array, name = "feed.zip"): string {
  try {
    read(bytes, name);
  } catch (error) {
    if (error instanceof FeedRefusal) return error.message;
    throw error;
  }
  throw new Error("it was read");
}

const OLD_USERS =
  "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName," +
  "identifier,email,sms,phone,agentSourcedIds,grades,password";
const OLD: Files = {
  "manifest.csv":
    "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.users,bulk\nfile.orgs,bulk\nfile.classes,bulk\nfile.enrollments,bulk",
  "orgs.csv":
    "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\no,,,School,school,,",
  "classes.csv":
    "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType\nc,,,Seven A,,,7A,homeroom\nd,,,Physics,,,P1,scheduled",
  "enrollments.csv":
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role\ne,,,c,o,s,student\nf,,,d,o,s,student",
  "users.csv": [
    OLD_USERS,
    's,,,true,o,student,s,"{LDAP:1},{upn: A123456789011}","Łucja","O’Neil, Ann",,,,,,"t,m",7,pw',
    "m,,,true,o,relative,m,,Mo,Bell,,,mo@example.org,,,,,pw",
    "t,,,true,o,teacher,t,,Ty,Teach,,,,,,s,,pw",
  ].join("\r\n"),
};

describe("a OneRoster package", () => {
  it("of 1.2 gives learners with their numbers, contacts, and ties from either end", () => {
    const feed = read(oneRoster(FAMILY));
    assert.equal(feed.version, "OneRoster 1.2, everything");
    assert.ok(feed.isComplete);
    assert.deepEqual(feed.learners[0], {
      file: "users.csv",
      line: 2,
      id: "l-1",
      admissionNumber: "A0001",
      upn: "A123456789011",
      firstName: "Sam",
      surname: "Reed",
      dateOfBirth: "2014-03-02",
      yearGroup: "Year 7",
      registrationGroup: null,
      status: "Current",
      leftOn: null,
    });
    assert.deepEqual(tied(feed), [
      "p-1 is Parent of l-1",
      "p-2 is Guardian of l-3",
      "p-1 is Parent of l-2",
    ]);
    assert.ok(feed.relationships.every((one) => one.parentalResponsibility === null));
    assert.deepEqual(feed.problems, []);
    assert.ok(!JSON.stringify(feed).includes("Secret"), "a password is never read");
  });

  it("of 1.1 has roles among the users, and the homeroom class is the registration group", () => {
    const feed = read(pack(OLD));
    assert.equal(feed.version, "OneRoster 1.1, everything");
    const [learner] = feed.learners;
    assert.deepEqual(
      [learner?.firstName, learner?.surname, learner?.upn, learner?.registrationGroup],
      ["Łucja", "O’Neil, Ann", "A123456789011", "7A"],
    );
    // No number but the sender's own.
    assert.equal(learner?.admissionNumber, "s");
    assert.deepEqual(tied(feed), ["m is Relative of s"]);
    assert.match(
      said(feed)[0] ?? "",
      /^users\.csv null: 2 ties are not between a learner and a parent/,
    );
  });

  it("is read with a mark, other line ends, columns in any order and case, and more columns", () => {
    const users = (OLD["users.csv"] ?? "").split("\r\n").map((line, at) =>
      at === 0 ? line.toUpperCase().replace("PASSWORD", "metadata.x") : line
    ).join("\n");
    const feed = read(pack({ ...OLD, "users.csv": `\ufeff${users}\n\n` }));
    assert.deepEqual([feed.learners.length, feed.contacts.length], [1, 1]);
    const inFolder = Object.fromEntries(
      Object.entries(OLD).map(([name, text]) => [`export/${name}`, text]),
    );
    assert.equal(read(pack({ ...inFolder, "__MACOSX/users.csv": "x" })).learners.length, 1);
  });

  it("is not complete where rows say that they are changes, whatever the manifest says", () => {
    const feed = read(oneRoster(changed(FAMILY, { "l-1": { status: "active" } })));
    assert.equal(feed.isComplete, false);
    assert.match(said(feed)[0] ?? "", /rows have a status/);
    assert.equal(read(oneRoster(FAMILY, { mode: "delta" })).isComplete, false);
  });

  it("takes roles at their dates: to come, over, and now", () => {
    const feed = read(oneRoster(changed(FAMILY, {
      "l-1": { begin: "2027-01-05" },
      "l-2": { begin: "2020-09-01", end: "2026-11-24" },
      "l-3": { begin: "2020-09-01", end: "2026-11-25" },
    })));
    assert.deepEqual(feed.learners.map(({ status, leftOn }) => [status, leftOn]), [
      ["Applicant", null],
      ["Leaver", "2026-11-24"],
      ["Current", null],
    ]);
  });

  it("makes one adult of two records with the same names and email, and keeps both ids", () => {
    const feed = read(oneRoster([
      ...changed(FAMILY, { "p-1": { agents: [] } }),
      {
        id: "p-9",
        role: "guardian",
        first: "JO",
        last: "Reed",
        email: "Jo.Reed@example.org",
        agents: ["l-2"],
      },
    ]));
    assert.deepEqual(feed.contacts.map(({ ids }) => ids), [["p-1", "p-9"], ["p-2"]]);
    assert.ok(tied(feed).includes("p-1 is Guardian of l-2"));
  });

  it("names file and line of each record that it leaves out, and keeps the rest", () => {
    const feed = read(oneRoster([
      ...changed(FAMILY, { "l-2": { userIds: "{UPN:A123456789011}" }, "p-2": { first: " " } }),
      { id: "l-8", role: "student", first: "Una", last: "x".repeat(101) },
      { id: "l-1", role: "student", first: "Again", last: "Reed" },
      { id: "l-9", role: "student", first: "Ed", last: "Lane", agents: ["nobody"] },
    ]));
    assert.deepEqual(said(feed), [
      "users.csv 8: The sourcedId l-1 also stands in line 2; this line was not read.",
      "users.csv 6: There is no first name.",
      "users.csv 7: A name is longer than 100 characters.",
      "users.csv 9: It names the user nobody, who is not in users.csv.",
      "users.csv 3: The UPN A123456789011 also stands in line 2 of users.csv. Neither was read: give each learner its own.",
      "users.csv 2: The UPN A123456789011 also stands in line 3 of users.csv. Neither was read: give each learner its own.",
    ]);
    assert.deepEqual(feed.learners.map(({ id }) => id), ["l-3", "l-9"]);
    assert.deepEqual([...feed.broken.learners].sort(), ["l-1", "l-2", "l-8"]);
    assert.deepEqual(feed.broken.contacts, ["p-2"]);
  });

  it("leaves out a line with a comma too many, and a date that is none", () => {
    const users = `${OLD["users.csv"]}\r\nx,,,true,o,student,x,,Al,Lane, Jr,,,,,,,,,pw,more`;
    const feed = read(pack({
      ...OLD,
      "users.csv": users,
      "demographics.csv": "sourcedId,status,dateLastModified,birthDate\ns,,,15/06/2013",
    }));
    assert.match(
      said(feed).join("\n"),
      /users\.csv 5: The line has more cells than there are headings/,
    );
    assert.match(
      said(feed).join("\n"),
      /demographics\.csv 2: The birthDate 15\/06\/2013 is no day/,
    );
  });

  it("is refused as a whole, in a sentence, where nothing sure can be read", () => {
    const whole = oneRoster(FAMILY);
    const cases: [Uint8Array, RegExp][] = [
      [new Uint8Array(), /^feed\.zip is empty/],
      [
        whole.subarray(0, whole.length - 200),
        /^feed\.zip is damaged or incomplete: it was not downloaded/,
      ],
      [
        oneRoster(FAMILY, { change: { "users.csv": null } }),
        /users\.csv is in the package, and it is not/,
      ],
      [
        oneRoster(FAMILY, { change: { "roles.csv": null } }),
        /roles\.csv is in the package, and it is not/,
      ],
      [
        oneRoster(FAMILY, { change: { "manifest.csv": null, "roles.csv": null } }),
        /no roles\.csv, which says who is a learner/,
      ],
      [
        oneRoster(FAMILY, {
          change: { "manifest.csv": "propertyName,value\noneroster.version,2.0" },
        }),
        /manifest\.csv says OneRoster 2\.0/,
      ],
      [
        oneRoster(FAMILY, {
          change: {
            "manifest.csv": "propertyName,value\nmanifest.version,1.0\nfile.users,absent",
            "users.csv": null,
            "roles.csv": null,
          },
        }),
        /no users\.csv, so there are no learners/,
      ],
      [
        oneRoster(FAMILY, { change: { "users.csv": "sourcedId,familyName\nx,y" } }),
        /users\.csv lacks the column givenName/,
      ],
      [
        oneRoster(FAMILY, {
          change: { "users.csv": "sourcedId,givenName,familyName,givenName\n" },
        }),
        /two columns named givenName/,
      ],
      [oneRoster(FAMILY, { change: { "users.csv": "" } }), /users\.csv is empty/],
      [
        oneRoster(FAMILY, {
          change: { "users.csv": 'sourcedId,givenName,familyName\na,b,c\nd,"e,f' },
        }),
        /Line 3 of users\.csv opens a quotation mark/,
      ],
      [
        oneRoster(FAMILY, { change: { "users.csv": "sourcedId,givenName,familyName\na,b\0,c" } }),
        /Line 2 of users\.csv holds a NUL/,
      ],
      [pack({ "a.txt": "x" }), /neither a OneRoster nor a School Data Sync package.*a\.txt/],
      [
        pack({ "x/users.csv": "sourcedId", "y/users.csv": "sourcedId" }),
        /two files named users\.csv/,
      ],
    ];
    for (const [bytes, sentence] of cases) assert.match(refusal(bytes), sentence);
  });

  it("names the line that is in another encoding", () => {
    const text = "sourcedId,givenName,familyName\r\na,Ann,Lee\r\nb,Zo\u00eb,Quill";
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const bad = makeZip([
      { name: "users.csv", content: bytes },
      { name: "roles.csv", content: "userSourcedId,role\na,student" },
    ]);
    assert.match(refusal(bad), /^Line 3 of users\.csv is not UTF-8/);
  });

  it("is refused with 200,000 rows, and with a damaged part", () => {
    const rows = Array.from({ length: 200_000 }, (_, at) => `u${at},A,B`).join("\n");
    const many = oneRoster(FAMILY, {
      change: { "users.csv": `sourcedId,givenName,familyName\n${rows}` },
    });
    assert.match(
      refusal(many),
      /^users\.csv goes on after line 100,002: more than 100,000 records/,
    );
    const wrong = makeZip([
      { name: "users.csv", content: utf8("sourcedId,givenName,familyName\na,b,c"), crc: 1 },
      { name: "roles.csv", content: utf8("userSourcedId,role\na,student") },
    ]);
    assert.match(refusal(wrong), /^users\.csv is damaged or incomplete/);
  });
});
