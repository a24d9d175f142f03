// The languages of mails: each says every sentence, and whatever it says, the login details stand where they are looked for.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { LANGUAGES } from "../../db/languages.ts";
import { LANGUAGE_OPTIONS, momentIn, sayIn, SPEECHES } from "../../views/languages/mod.ts";
import { credentialMail } from "../../views/mail/credentials.tsx";
import { IN_ENGLISH } from "../../views/mail/frame.tsx";
import { NOTICE_KINDS, noticeMail } from "../../views/mail/notices.tsx";

const OTHERS = LANGUAGES.filter((language) => language !== "en");
const AT = new Date("2026-11-24T08:12:00Z");
const SCHOOL = {
  schoolName: "Hillcrest School",
  officePhone: "01632 960123",
  portal: "https://portal.example/portal",
  timeZone: "Europe/London",
};
const DETAILS = {
  name: "Zoë <b>Aalto</b>",
  username: "zoe.aalto",
  password: "four-words-made-up",
  address: SCHOOL.portal,
  schoolName: SCHOOL.schoolName,
  days: 7,
  officePhone: SCHOOL.officePhone,
  opening: "A line of the school's own.",
  closing: "Another one.",
};
const FACTS = {
  username: "zoe.aalto",
  usernames: "Zoë Aalto: zoe.aalto\nAri Aalto: ari.aalto",
  count: 2,
  email: "a…@example.org",
  newUsername: "z…@e….org",
  password: true,
  keptUsername: "zoe.a",
  passkey: "Zoë’s phone",
  endsAt: "2026-11-24T08:42:00Z",
};

function holesOf(sentence: string): string[] {
  return [...sentence.matchAll(/\{(\w+)\}/g)].map((hole) => hole[1] ?? "").sort();
}

describe("every language", () => {
  const english = SPEECHES.en.sentences;

  for (const language of OTHERS) {
    it(`says every sentence, with what belongs in it and in its own letters: ${language}`, () => {
      const { sentences, dir } = SPEECHES[language];
      assert.deepEqual(Object.keys(sentences).sort(), Object.keys(english).sort());
      for (const [name, sentence] of Object.entries(sentences)) {
        const original = new Map<string, string>(Object.entries(english)).get(name) ?? "";
        assert.deepEqual(holesOf(sentence), holesOf(original), name);
        assert.notEqual(sentence, original, name);
        assert.equal(sentence, sentence.trim().normalize("NFC"), name);
        assert.doesNotMatch(sentence, /\s{2}|[\p{Cc}\p{Cf}]/u, name);
        if (dir === "rtl") assert.match(sentence, /^[^A-Za-z]*\p{Script=Arabic}|^\{/u, name);
        if (language === "bn") assert.match(sentence, /\p{Script=Bengali}/u, name);
      }
    });
  }

  it("is called by its own name and by its English one, each once", () => {
    assert.equal(LANGUAGE_OPTIONS.length, LANGUAGES.length);
    assert.deepEqual(LANGUAGE_OPTIONS.map(([language]) => language), [...LANGUAGES]);
    assert.equal(new Set(LANGUAGE_OPTIONS.map(([, label]) => label)).size, LANGUAGES.length);
  });

  it("writes a moment in its words, in the school's time and in figures that anybody can type", () => {
    assert.equal(momentIn("en", "Europe/London", AT), "24 November 2026, 08:12");
    assert.equal(momentIn("pl", "Europe/London", AT), "24 listopada 2026, 08:12");
    for (const language of LANGUAGES) {
      const moment = momentIn(language, "Europe/London", AT);
      assert.match(moment, /24.*2026.*08:12|2026.*24.*08:12/, language);
      assert.doesNotMatch(moment, /[\u0660-\u0669\u06f0-\u06f9\u09e6-\u09ef]/, language);
    }
  });

  it("keeps what is filled in together where it is written from right to left", () => {
    assert.equal(
      sayIn("pl", {})("changedUsername", { username: "x" }),
      "Nowa nazwa użytkownika: x.",
    );
    assert.match(sayIn("ar", {})("changedUsername", { username: "x" }), /\u2068x\u2069/);
  });
});

describe("the mail with login details", () => {
  for (const language of LANGUAGES) {
    it(`has username and password each alone on its line, once: ${language}`, () => {
      const { subject, text, html } = credentialMail({ ...DETAILS, language });
      const lines = text.split("\n");
      for (
        const line of [
          "Username: zoe.aalto",
          "Password: four-words-made-up",
          `Address: ${SCHOOL.portal}`,
          DETAILS.opening,
          DETAILS.closing,
        ]
      ) {
        assert.equal(lines.filter((one) => one === line).length, 1, line);
      }
      for (const part of [subject, text, html]) {
        assert.doesNotMatch(part, /\{\w+\}|undefined|\[object/);
        assert.ok(part.includes(SCHOOL.schoolName));
      }
      assert.ok(text.includes(SCHOOL.officePhone) && html.includes(SCHOOL.officePhone));
      assert.ok(!subject.includes(DETAILS.password));
      assert.ok(!html.includes("<b>Aalto"));
      const tag = language === "en" ? "en-GB" : language;
      assert.ok(html.includes(`<html lang="${tag}" dir="${SPEECHES[language].dir}"`));
      assert.equal(text.includes(IN_ENGLISH), language !== "en");
      assert.ok(text.includes("The password works for 7 days, and you choose your own"));
    });
  }

  it("says whom to ask where the school has given no number", () => {
    for (const language of LANGUAGES) {
      const { text } = credentialMail({ ...DETAILS, language, officePhone: "" });
      assert.ok(text.includes(SPEECHES[language].sentences.ask), language);
      assert.doesNotMatch(text, /\{\w+\}/, language);
    }
  });
});

describe("notices", () => {
  it("are whole in every language, with English below", () => {
    for (const language of LANGUAGES) {
      for (const kind of NOTICE_KINDS) {
        const about = `${kind} in ${language}`;
        const notice = { kind, language, name: "Zoë Aalto", facts: FACTS, writtenAt: AT };
        const { subject, text, html } = noticeMail({ ...notice, token: "t0ken" }, SCHOOL);
        for (const part of [subject, text, html]) {
          assert.doesNotMatch(part, /\{\w+\}|undefined|null|NaN|Invalid|\[object/, about);
          assert.ok(part.includes(SCHOOL.schoolName), about);
        }
        assert.equal(text.includes(`\n\n${IN_ENGLISH}:\n\n`), language !== "en", about);
        const english = noticeMail({ ...notice, language: "en", token: "t0ken" }, SCHOOL);
        const [, ...paragraphs] = english.text.trim().split("\n\n");
        for (const paragraph of paragraphs) assert.ok(text.includes(paragraph), about);
        if (kind === "password link") assert.match(text, /^https:\S+\?link=t0ken$/m, about);
      }
    }
  });
});
