// School Data Sync packages: the dialect with relationships.csv, the older one without, the oldest refused.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { pack, read } from "../../feeds.ts";

const FILES = {
  "users.csv": [
    "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms",
    "21,u1,Ida,Berg,secret-21,,,,",
    "22,u2,Olaf,Berg,secret-22,,,,",
    "31,u3,Kari,Berg,secret-31,,kari@example.org,,+447700900001",
    "41,u4,Per,Dahl,secret-41,,,,",
  ].join("\n"),
  "roles.csv": [
    "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate",
    "21,9,student,S,10,TRUE,2026-09-01,2027-07-20",
    "22,9,Student,S,8,TRUE,2026-09-01,2026-10-01",
    "41,9,teacher,S,10,TRUE,2026-09-01,2027-07-20",
    "99,9,student,S,10,TRUE,,",
  ].join("\n"),
  "demographics.csv": "userSourcedId,sex,birthDate\n21,female,2012-04-05",
  "relationships.csv": [
    "userSourcedId,relationshipUserSourcedId,relationshipRole",
    "21,31,guardian",
    "22,31,relative",
    "41,31,guardian",
    "21,77,guardian",
  ].join("\n"),
};

describe("a School Data Sync package", () => {
  it("of 2.1 ties contacts, who have no role, to learners by relationships.csv", () => {
    const feed = read(pack(FILES));
    assert.equal(feed.version, "School Data Sync 2.1");
    assert.deepEqual(
      feed.learners.map((
        { id, yearGroup, dateOfBirth, status, leftOn },
      ) => [id, yearGroup, dateOfBirth, status, leftOn]),
      [["21", "Year 10", "2012-04-05", "Current", null], [
        "22",
        "Year 8",
        null,
        "Leaver",
        "2026-10-01",
      ]],
    );
    assert.deepEqual(
      feed.relationships.map((
        { learner, contact, relationship },
      ) => [learner, contact, relationship]),
      [["21", "31", "Guardian"], ["22", "31", "Relative"]],
    );
    assert.equal(feed.contacts[0]?.mobile, "+447700900001");
    assert.deepEqual(feed.problems.map(({ file, line, weight }) => [file, line, weight]), [
      ["roles.csv", 5, "warning"],
      ["relationships.csv", 5, "error"],
      ["relationships.csv", null, "warning"],
    ]);
    assert.ok(!JSON.stringify(feed).includes("secret"));
  });

  it("is complete only if whoever sends it says so", () => {
    assert.equal(read(pack(FILES)).isComplete, false);
    assert.equal(read(pack(FILES), "x.zip", { isComplete: true }).isComplete, true);
  });

  it("of 2 has a role in each user's row and no contacts", () => {
    const feed = read(pack({
      "users.csv":
        "sourcedId,orgSourcedIds,givenName,familyName,username,password,role,grade\n1,9,Ada,Berg,a,pw,Student,6\n2,9,Bo,Lund,b,pw,Professor,",
      "orgs.csv": "sourcedId,name,type,parentSourcedId\n9,School,school,",
    }));
    assert.equal(feed.version, "School Data Sync 2");
    assert.deepEqual(feed.learners.map(({ surname, yearGroup }) => [surname, yearGroup]), [[
      "Berg",
      "Year 6",
    ]]);
    assert.match(feed.problems[0]?.sentence ?? "", /there are no contacts in this package/);
  });

  it("is refused without roles.csv, and the oldest form is named", () => {
    const { "roles.csv": _, ...withoutRoles } = FILES;
    assert.throws(() => read(pack(withoutRoles)), /no roles\.csv, which says who is a learner/);
    assert.throws(
      () => read(pack({ "Student.csv": "SIS ID", "Section.csv": "SIS ID" })),
      /School Data Sync 1 .* knows no contacts/,
    );
  });
});
