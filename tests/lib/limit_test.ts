// So many at once and no more, whoever fails or gives up waiting.

import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Limit, openLimit } from "../../lib/limit.ts";

/** Enters, and stays until told to go. */
function enter(limit: Limit): { entered: Promise<void>; go(): void; over: Promise<void> } {
  const entered = Promise.withResolvers<void>();
  const stay = Promise.withResolvers<void>();
  const over = limit.run(async () => {
    entered.resolve();
    await stay.promise;
  });
  return { entered: entered.promise, go: stay.resolve, over };
}

describe("a limit", () => {
  it("lets so many in, the others in their order, and whoever is first before them", async () => {
    const limit = openLimit(1);
    const order: string[] = [];
    const inside = enter(limit);
    const waiting = [
      limit.run(() => Promise.resolve(order.push("one"))),
      limit.run(() => Promise.resolve(order.push("two"))),
      limit.run(() => Promise.resolve(order.push("first")), true),
    ];
    await inside.entered;
    assert.deepEqual(limit.load(), { running: 1, waiting: 3 });
    inside.go();
    await Promise.all(waiting);
    assert.deepEqual(order, ["first", "one", "two"]);
    assert.deepEqual(limit.load(), { running: 0, waiting: 0 });
  });

  it("begins at once what needs room later, and lets it wait there until its turn", async () => {
    const limit = openLimit(1);
    const inside = enter(limit);
    await inside.entered;
    const order: string[] = [];
    const work = limit.runFromEnter(async (mayGoOn) => {
      order.push("begun");
      await mayGoOn();
      order.push("entered");
    });
    assert.deepEqual(order, ["begun"]);
    assert.deepEqual(limit.load(), { running: 1, waiting: 1 });
    inside.go();
    await work;
    assert.deepEqual(order, ["begun", "entered"]);
    assert.deepEqual(limit.load(), { running: 0, waiting: 0 });
  });

  it("passes on the turn of whoever failed before it came, and needs none for who never entered", async () => {
    const limit = openLimit(1);
    const inside = enter(limit);
    await inside.entered;
    const failed = limit.runFromEnter((mayGoOn) => {
      void mayGoOn();
      return Promise.reject(new Error("the connection is gone"));
    });
    await assert.rejects(failed, /the connection is gone/);
    assert.equal(await limit.runFromEnter(() => Promise.resolve("not needed")), "not needed");
    inside.go();
    await inside.over;
    assert.equal(await limit.run(() => Promise.resolve("in")), "in");
    assert.deepEqual(limit.load(), { running: 0, waiting: 0 });
  });

  it("lets nobody in whose work has ended: nobody would leave for them", async () => {
    const limit = openLimit(1);
    let late = (): Promise<void> => Promise.resolve();
    await limit.runFromEnter((mayGoOn) => {
      late = mayGoOn;
      return Promise.resolve();
    });
    await assert.rejects(late(), /has ended/);
    assert.deepEqual(limit.load(), { running: 0, waiting: 0 });
  });
});
