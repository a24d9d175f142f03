// Passwords: which may be one, that none is cut, and that comparing takes the same work whatever it is compared with.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import bcrypt from "@node-rs/bcrypt";
import {
  CHOSEN_COST,
  findPasswordProblem,
  GENERATED_COST,
  normalisePassword,
  openHasher,
  type PasswordProblem,
} from "../../lib/passwords.ts";

const WORDS = ["Fatima", "al-Rashid", "fatima.ar@example.org", "Hillcrest School", "Ng"];

describe("a chosen password", () => {
  const cases: readonly (readonly [string, PasswordProblem | undefined])[] = [
    ["copper kettle harbour", undefined],
    ["ten thousand small steps 2026", undefined],
    ["12 geese & 3 swans", undefined],
    ["пароль из слов", undefined],
    ["正しい馬電池ホッチキスの針だよ", undefined],
    ["eleven char", "too short"],
    ["", "too short"],
    ["😀😀😀😀😀😀", "too short"],
    ["twelve chars", undefined],
    ["x1" + "y2z3".repeat(17) + "ab", undefined],
    ["x1" + "y2z3".repeat(17) + "abc", "too long"],
    ["é".repeat(30) + "kettle harbour ab ab", "too long"],
    ["nul\0in the middle", "not text"],
    ["tab\tin the middle", "not text"],
    ["half a \ud800 character", "not text"],
    ["delete \u007f character", "not text"],
    ["next line \u0085 here", "not text"],
    ["passwordpassword", "common"],
    ["PasswordPassword", "common"],
    ["aaaaaaaaaaaaaaaa", "common"],
    ["abababababababab", "common"],
    ["123456789012", "common"],
    ["1234567890123456", "common"],
    ["987654321098", "common"],
    ["abcdefghijklmnop", "common"],
    ["qwertyqwerty", "common"],
    ["ｐａｓｓｗｏｒｄpassword", "common"],
    ["fatima in the garden", "holds a name"],
    ["FATIMA in the garden", "holds a name"],
    ["f-a-t-i-m-a garden", "holds a name"],
    ["the rashid garden", "holds a name"],
    ["hillcrest garden gate", "holds a name"],
    ["my fatima.ar@example", "holds a name"],
    ["Ng in the garden now", undefined],
  ];
  for (const [password, problem] of cases) {
    it(`${JSON.stringify(password)} is ${problem ?? "right"}`, () => {
      assert.equal(findPasswordProblem(password, { shortest: 12, words: WORDS }), problem);
    });
  }

  it("may not hold the whole username either, short as its parts may be", () => {
    const rules = { shortest: 12, words: ["ann.lee", "Ann", "Lee"] };
    assert.equal(findPasswordProblem("my ann.lee garden", rules), "holds a name");
    assert.equal(findPasswordProblem("copper kettle harbour", rules), undefined);
  });

  it("is as long as the school wants, counted in characters", () => {
    const rules = { shortest: 15, words: [] };
    assert.equal(findPasswordProblem("twelve chars", rules), "too short");
    assert.equal(findPasswordProblem("fifteen chars ok", rules), undefined);
  });

  it("is not held against empty words", () => {
    const rules = { shortest: 12, words: ["", " ", "@", "…"] };
    assert.equal(findPasswordProblem("copper kettle harbour", rules), undefined);
  });
});

describe("a hash", () => {
  const hasher = openHasher({ atOnce: 2 });
  const quick = (password: string): Promise<string> => hasher.hash(password, 4);

  it("is bcrypt of the cost that was asked for, salted", async () => {
    const [one, other] = [
      await hasher.hash("copper kettle", GENERATED_COST),
      await hasher.hash("copper kettle", GENERATED_COST),
    ];
    assert.match(one, /^\$2[aby]\$10\$.{53}$/);
    assert.notEqual(one, other);
    assert.equal(CHOSEN_COST, 12);
  });

  it("fits its own password and no other, in whatever Unicode form it is typed", async () => {
    const hash = await quick("caf\u00e9 kettle harbour");
    assert.equal(await hasher.verify("caf\u00e9 kettle harbour", hash), true);
    assert.equal(await hasher.verify("cafe\u0301 kettle harbour", hash), true);
    assert.equal(await hasher.verify("ｃａｆ\u00e9 kettle harbour", hash), true);
    assert.equal(await hasher.verify("cafe kettle harbour", hash), false);
    assert.equal(await hasher.verify("CAF\u00c9 kettle harbour", hash), false);
    assert.equal(await hasher.verify("", hash), false);
    assert.equal(normalisePassword("\ufb01"), "fi");
  });

  it("is fitted by nothing that bcrypt would cut to it", async () => {
    const whole = "x".repeat(72);
    const hash = await quick(whole);
    assert.equal(await hasher.verify(whole, hash), true);
    assert.equal(await hasher.verify(whole + "y", hash), false);
    assert.equal(await hasher.verify("y" + whole, hash), false);
    const plain = await quick("copper kettle");
    assert.equal(await hasher.verify("copper kettle\0and more", plain), false);
    assert.equal(await hasher.verify("\0", await quick("")), false);
  });

  it("that is none fits nothing, not even what it is made of", async () => {
    for (const password of ["", "password", "\0", "nobody"]) {
      assert.equal(await hasher.verify(password, null), false);
    }
  });
});

describe("the work of comparing", () => {
  it("is the same for no hash, a chosen one and a generated one", async () => {
    const counted: number[] = [];
    const compare = bcrypt.compare;
    const hashes = [null, await bcrypt.hash("right", 12), await bcrypt.hash("right", 10)];
    Object.assign(bcrypt, {
      compare(password: string, hash: string): Promise<boolean> {
        counted.push(2 ** Number(hash.slice(4, 6)));
        return compare(password, hash);
      },
    });
    try {
      const hasher = openHasher({ atOnce: 1 });
      for (const hash of hashes) {
        for (const password of ["right", "wrong"]) {
          counted.length = 0;
          await hasher.verify(password, hash);
          assert.equal(counted.reduce((sum, one) => sum + one, 0), 4096, `${password} ${hash}`);
        }
      }
    } finally {
      Object.assign(bcrypt, { compare });
    }
  });

  it("is done a few at a time, a sign-in before everything else that waits", async () => {
    const waits: number[] = [];
    const hasher = openHasher({ atOnce: 1, onWait: (seconds) => waits.push(seconds) });
    const order: string[] = [];
    const hash = await hasher.hash("right", 4);
    await Promise.all([
      hasher.hash("a", 10).then(() => order.push("hash a")),
      hasher.hash("b", 4).then(() => order.push("hash b")),
      hasher.hash("c", 4).then(() => order.push("hash c")),
      hasher.verify("right", hash).then(() => order.push("verify")),
    ]);
    assert.deepEqual(order, ["hash a", "verify", "hash b", "hash c"]);
    // The first two came to a free core, each of the others after the one before it.
    const [, , ...waited] = waits;
    assert.equal(waited.length, 3);
    assert.ok(waited.every((wait, at) => wait > (waited[at - 1] ?? 0)));
  });

  it("goes on after one that fails", async () => {
    const hasher = openHasher({ atOnce: 1 });
    await assert.rejects(hasher.hash("x", 99));
    assert.match(await hasher.hash("x", 4), /^\$2/);
  });
});
