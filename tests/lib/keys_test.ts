// Keys and tokens: derived by the standard, apart for each purpose, unguessable, and stored only as hashes.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createHash, createHmac, hkdfSync } from "node:crypto";
import { hashToken, newToken, openKeys } from "../../lib/keys.ts";

const SECRET = new Uint8Array(32).map((_, n) => n);

describe("a fingerprint", () => {
  it("is HMAC-SHA-256 under a key that HKDF derives for its purpose", async () => {
    const key = hkdfSync("sha256", SECRET, new Uint8Array(), "throttle portal name", 32);
    const expected = createHmac("sha256", new Uint8Array(key)).update("zoë\u0000").digest("hex");
    const found = await openKeys(SECRET).fingerprint("throttle portal name", "zoë\u0000");
    assert.equal(found.toHex(), expected);
    assert.equal(found.length, 32);
  });

  it("is the same every time, and another for each purpose, text and server key", async () => {
    const keys = openKeys(SECRET);
    const other = openKeys(new Uint8Array(32).fill(9));
    const all = await Promise.all([
      keys.fingerprint("a", "x"),
      keys.fingerprint("a", "y"),
      keys.fingerprint("b", "x"),
      other.fingerprint("a", "x"),
      keys.fingerprint("a", ""),
    ]);
    assert.equal(new Set(all.map((one) => one.toHex())).size, 5);
    assert.deepEqual(await keys.fingerprint("a", "x"), all[0]);
    assert.deepEqual(await openKeys(SECRET).fingerprint("a", "x"), all[0]);
  });

  it("takes any text, also a half character and a very long one", async () => {
    const keys = openKeys(SECRET);
    assert.equal((await keys.fingerprint("a", "\ud800")).length, 32);
    assert.equal((await keys.fingerprint("a", "x".repeat(1_000_000))).length, 32);
  });
});

describe("while a server key is being replaced", () => {
  const NEWER = new Uint8Array(32).fill(9);
  const before = openKeys(SECRET);
  const both = openKeys(NEWER, SECRET);
  const later = openKeys(NEWER);

  it("makes what is new under the present key, and finds what is stored under either", async () => {
    const stored = await before.fingerprint("recovery code", "12 abc");
    assert.deepEqual(
      await both.fingerprint("recovery code", "12 abc"),
      await later.fingerprint("recovery code", "12 abc"),
    );
    const [present, former, ...more] = await both.fingerprints("recovery code", "12 abc");
    assert.deepEqual(present, await later.fingerprint("recovery code", "12 abc"));
    assert.deepEqual(former, stored);
    assert.equal(more.length, 0);
    assert.equal((await later.fingerprints("recovery code", "12 abc")).length, 1);
  });

  it("opens what either has sealed, and seals under the present one", async () => {
    const secret = new TextEncoder().encode("a secret of twenty b");
    const old = await before.sealer("totp secret").seal(secret, "12");
    assert.deepEqual(await both.sealer("totp secret").open(old, "12"), secret);
    assert.equal(await both.sealer("totp secret").open(old, "13"), null);
    assert.equal(await later.sealer("totp secret").open(old, "12"), null);
    const made = await both.sealer("totp secret").seal(secret, "12");
    assert.deepEqual(await later.sealer("totp secret").open(made, "12"), secret);
    assert.deepEqual(made.keyPrint, await both.sealer("totp secret").keyPrint());
    assert.notDeepEqual(made.keyPrint, old.keyPrint);
  });

  it("derives the password of a mail under the key that it was begun with, as long as that lives", async () => {
    const print = await before.print();
    const password = await before.derivePassword("mail-1", print);
    assert.match(password ?? "", /^[a-z]+(-[a-z]+){3}$/);
    assert.equal(await both.derivePassword("mail-1", print), password);
    assert.notEqual(await both.derivePassword("mail-1", await both.print()), password);
    assert.equal(await later.derivePassword("mail-1", print), null);
  });
});

describe("a token", () => {
  it("has 256 bits, in letters that suit a cookie and an address", () => {
    const tokens = new Set(Array.from({ length: 2000 }, newToken));
    assert.equal(tokens.size, 2000);
    for (const token of tokens) assert.match(token, /^[A-Za-z0-9_-]{43}$/);
    const first = [...tokens].map((token) => token[0]);
    assert.ok(new Set(first).size > 50, "every place varies");
  });

  it("is stored as its SHA-256", () => {
    const hash = hashToken("abc");
    assert.equal(hash.toHex(), createHash("sha256").update("abc").digest("hex"));
  });
});
