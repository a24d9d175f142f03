// Times as the office reads them: what is today and yesterday goes by the school's calendar.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { timesIn } from "../../views/times.ts";

describe("a time in brief", () => {
  it("is yesterday by the calendar, also where a day has 23 or 25 hours", () => {
    const short = (now: string, moment: string): string =>
      timesIn("Europe/London", new Date(now)).brief(new Date(moment));
    assert.equal(short("2026-11-24T10:00:00Z", "2026-11-24T08:12:00Z"), "today, 08:12");
    assert.equal(short("2026-11-24T10:00:00Z", "2026-11-23T23:00:00Z"), "yesterday");
    // Monday, half past midnight in summer time; Sunday had 23 hours.
    assert.equal(short("2026-03-29T23:30:00Z", "2026-03-29T12:00:00Z"), "yesterday");
    assert.equal(short("2026-03-29T23:30:00Z", "2026-03-28T12:00:00Z"), "28 Mar");
    // Sunday with 25 hours, half an hour before its end.
    assert.equal(short("2026-10-25T23:30:00Z", "2026-10-24T12:00:00Z"), "yesterday");
  });
});
