// Temporary passwords: readable, strong enough, and the same again for the same mail.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { BITS, derivePassword } from "../../lib/readable_passwords.ts";

const KEY = new Uint8Array(32).fill(1);

describe("a derived password", () => {
  it("is four words and holds 50 bits or more", async () => {
    assert.ok(BITS >= 50);
    assert.match(await derivePassword(KEY, "a"), /^[a-z]{3,8}(-[a-z]{3,8}){3}$/);
  });

  it("is the same for the same key and id, and another for any other", async () => {
    const made = await Promise.all([
      derivePassword(KEY, "a"),
      derivePassword(KEY, "a"),
      derivePassword(KEY, "b"),
      derivePassword(new Uint8Array(32).fill(2), "a"),
    ]);
    assert.equal(made[0], made[1]);
    assert.equal(new Set(made).size, 3);
  });

  it("draws from the whole list without favour", async () => {
    const first = await Promise.all(
      Array.from({ length: 400 }, (_, id) => derivePassword(KEY, String(id))),
    );
    const words = first.flatMap((password) => password.split("-"));
    const early = words.filter((word) => word < "m").length / words.length;
    assert.ok(new Set(words).size > 1300, String(new Set(words).size));
    assert.ok(early > 0.4 && early < 0.65, String(early));
  });
});
