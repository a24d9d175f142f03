// Reports of mail servers, each as its server writes it.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readBounceReport } from "../../lib/bounce_reports.ts";
import { readBounce } from "../bounce_fixtures.ts";

const OURS = "00000000-0000-4000-8000-000000000001@school.example";

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

describe("a bounce report", () => {
  const WORDS = {
    "postfix.eml":
      "550 5.1.1 <ama.boateng@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
    "exchange.eml":
      "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ama.boateng@example.org not found by SMTP address lookup",
    "gmail.eml":
      "550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces.",
  } as const;
  for (const [file, words] of Object.entries(WORDS)) {
    it(`is read as ${file} has it: which mail, for good, in the server's words`, async () => {
      const report = await readBounceReport(await readBounce(file));
      assert.deepEqual(report, { messageId: OURS, permanent: true, words });
    });
  }

  it("is not for good while the server still tries", async () => {
    const report = await readBounceReport(await readBounce("postfix_delayed.eml"));
    assert.equal(report?.permanent, false);
  });

  it("is no report if it is an ordinary answer, whatever it says", async () => {
    assert.equal(await readBounceReport(await readBounce("out_of_office.eml")), null);
    for (const text of ["", "\0\xff", "x".repeat(100_000), "Content-Type: multipart/report\n\n"]) {
      assert.equal(await readBounceReport(bytesOf(text)), null);
    }
  });

  it("goes by the mail's own headers before what stands beside them, and knows the mail without its headers", async () => {
    const whole = new TextDecoder().decode(await readBounce("gmail.eml"));
    const other = whole.replace(/^In-Reply-To: .*$/m, "In-Reply-To: <other@example.org>");
    assert.equal((await readBounceReport(bytesOf(other)))?.messageId, OURS);
    const [cut = ""] = other.split("DKIM-Signature");
    assert.equal((await readBounceReport(bytesOf(cut)))?.messageId, OURS, "X-Original-Message-ID");
    const bare = cut.replace(/^X-Original-Message-ID.*\n/m, "");
    assert.equal((await readBounceReport(bytesOf(bare)))?.messageId, "other@example.org");
  });

  it("is no failure for good where action or status say otherwise", async () => {
    const whole = new TextDecoder().decode(await readBounce("postfix.eml"));
    for (
      const [from, to] of [
        ["Action: failed", "Action: relayed"],
        ["Status: 5.1.1", "Status: 4.2.2"],
        ["Status: 5.1.1", "Status: 2.0.0"],
        ["Status: 5.1.1", "X-Status: 5.1.1"],
      ] as const
    ) {
      const report = await readBounceReport(bytesOf(whole.replace(from, to)));
      assert.equal(report?.permanent, false, to);
    }
  });

  it("survives line ends of every kind and parts within parts", async () => {
    const whole = new TextDecoder().decode(await readBounce("exchange.eml"));
    const report = await readBounceReport(bytesOf(whole.replaceAll("\n", "\r\n")));
    assert.equal(report?.messageId, OURS);
    const deep = "Content-Type: multipart/mixed; boundary=a\n\n--a\n".repeat(2000);
    await assert.doesNotReject(async () => {
      await readBounceReport(bytesOf(deep)).catch((error: unknown) => {
        if (!/nesting/i.test(String(error))) throw error;
      });
    });
  });
});
