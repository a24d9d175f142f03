// Codes by the standard's own vectors, one step either way, nothing else; and secrets that open only where they belong.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openSealer } from "../../lib/seal.ts";
import {
  appAddress,
  codeAt,
  findStep,
  groupedKey,
  newRecoveryCodes,
  readRecoveryCode,
} from "../../lib/totp.ts";

const SECRET = new TextEncoder().encode("12345678901234567890");

function second(seconds: number): Date {
  return new Date(seconds * 1000);
}

describe("a code from the app", () => {
  // RFC 6238, appendix B, SHA-1; the last six of its eight digits.
  const vectors: readonly (readonly [number, string, number])[] = [
    [59, "287082", 0x1],
    [1111111109, "081804", 0x23523ec],
    [1111111111, "050471", 0x23523ed],
    [1234567890, "005924", 0x273ef07],
    [2000000000, "279037", 0x3f940aa],
    [20000000000, "353130", 0x27bc86aa],
  ];
  for (const [at, code, step] of vectors) {
    it(`is ${code} at ${at} seconds, as RFC 6238 says`, () => {
      assert.equal(codeAt(SECRET, second(at)), code);
      assert.equal(findStep(SECRET, code, second(at)), step);
    });
  }

  it("is taken one step early or late, and tells which step it was; no further", () => {
    const at = 1_800_000_010;
    const step = Math.floor(at / 30);
    const code = codeAt(SECRET, second(at));
    for (const seconds of [-30, 0, 30]) {
      assert.equal(findStep(SECRET, code, second(at + seconds)), step, `${seconds}`);
    }
    for (const seconds of [-90, -60, 60, 90, -3600, 86_400]) {
      assert.equal(findStep(SECRET, code, second(at + seconds)), null, `${seconds}`);
    }
  });

  it("may have spaces in it", () => {
    for (const typed of ["287 082", " 287082 ", "28\t70\u00a082"]) {
      assert.equal(findStep(SECRET, typed, second(59)), 1, JSON.stringify(typed));
    }
  });

  it("is wrong, and nothing breaks, where it is malformed", () => {
    const malformed = [
      "",
      " ",
      "28708",
      "2870822",
      "２８７０８２",
      "28708a",
      "-87082",
      "2.7082",
      "null",
    ];
    for (const typed of [...malformed, "\0", "9".repeat(100_000), "١٢٣٤٥٦", "😀😀😀"]) {
      assert.equal(findStep(SECRET, typed, second(59)), null, typed.slice(0, 20));
    }
  });
});

describe("a secret", () => {
  it("is shown in Base32, in groups of four", () => {
    assert.equal(groupedKey(SECRET), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
  });

  it("reaches the app as an address, whatever the school is called", () => {
    const address = new URL(
      appAddress(SECRET, { issuer: "St Jude's: A & B?", account: "Zoë.O'Hara+x@example.org" }),
    );
    assert.equal(address.protocol, "otpauth:");
    assert.equal(address.searchParams.get("secret"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert.equal(address.searchParams.get("issuer"), "St Jude's  A & B?");
    assert.equal(
      decodeURIComponent(address.href.split("?")[0]?.split("/").at(-1) ?? ""),
      "St Jude's  A & B?:Zoë.O'Hara+x@example.org",
    );
  });

  const key = new Uint8Array(32).fill(7);
  it("opens again for its owner, and shows nothing of itself", async () => {
    const sealer = openSealer([key], "totp secret");
    const sealed = await sealer.seal(SECRET, "12");
    assert.deepEqual(await openSealer([key], "totp secret").open(sealed, "12"), SECRET);
    assert.equal(sealed.ciphertext.length, 48);
    assert.ok(!sealed.ciphertext.toHex().includes(SECRET.toHex().slice(0, 8)));
    assert.notDeepEqual((await sealer.seal(SECRET, "12")).ciphertext, sealed.ciphertext);
  });

  it("opens for no other owner, purpose or server key, and not once changed", async () => {
    const sealed = await openSealer([key], "totp secret").seal(SECRET, "12");
    const changed = { ...sealed, ciphertext: sealed.ciphertext.slice() };
    changed.ciphertext[20] = (changed.ciphertext[20] ?? 0) ^ 1;
    assert.equal(await openSealer([key], "totp secret").open(sealed, "13"), null);
    assert.equal(await openSealer([key], "another").open(sealed, "12"), null);
    assert.equal(
      await openSealer([new Uint8Array(32)], "totp secret").open(sealed, "12"),
      null,
    );
    assert.equal(await openSealer([key], "totp secret").open(changed, "12"), null);
  });
});

describe("a recovery code", () => {
  it("is another each time, and reads as what it is", () => {
    const codes = newRecoveryCodes(200);
    assert.equal(new Set(codes).size, 200);
    for (const code of codes) {
      assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
      assert.equal(readRecoveryCode(code), code);
    }
  });

  it("is read however it is typed", () => {
    for (const typed of ["7k2m-w4qx-9d10", " 7K2M W4QX 9D10 ", "7k2mw4qx9dlo", "7K2MW4QX9DIO"]) {
      assert.equal(readRecoveryCode(typed), "7K2M-W4QX-9D10", typed);
    }
    for (const typed of ["", "7K2M", "7K2M-W4QX-9D1U", "7K2M-W4QX-9D10-1", "７K2M-W4QX-9D10"]) {
      assert.equal(readRecoveryCode(typed), null, typed);
    }
  });
});
