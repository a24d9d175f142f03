// Long work rests for whoever waits for a page, and never for ever.

import { afterEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { atOnce, eachInSteps, inTurns, Turns, whileWorkRests } from "../../lib/turns.ts";

describe("work in turns", () => {
  const real = performance.now;
  afterEach(() => {
    performance.now = real;
  });

  function pause(): Promise<void> {
    return new Promise((over) => setTimeout(over, 0));
  }

  it("comes to the same as work at once", async () => {
    function* sum(): Generator<undefined, number, undefined> {
      let all = 0;
      yield* eachInSteps(Array.from({ length: 1000 }, (_, n) => n), (value) => all += value);
      return all;
    }
    assert.equal(atOnce(sum()), 499_500);
    assert.equal(await inTurns(sum()), 499_500);
  });

  it("goes on when a page has been answered, and not between two of its steps", async () => {
    performance.now = () => 0;
    const order: string[] = [];
    const page = whileWorkRests(async () => {
      for (let step = 0; step < 5; step++) await pause();
      order.push("answered");
    });
    const work = new Turns().rest().then(() => order.push("goes on"));
    await Promise.all([page, work]);
    assert.deepEqual(order, ["answered", "goes on"]);
  });

  it("goes on where a page takes long, and where one page follows the other", async () => {
    let now = 0;
    performance.now = () => now += 5;
    const never = Promise.withResolvers<void>();
    const open = [whileWorkRests(() => never.promise)];
    await new Turns().rest();
    const asking = setInterval(() => open.push(whileWorkRests(() => never.promise)), 0);
    await new Turns().rest();
    clearInterval(asking);
    never.resolve();
    await Promise.all(open);
  });

  it("looks at the network at every rest, also while a timer is always due", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const ticking = setInterval(() => {}, 0);
    let talks = 0;
    async function talk(): Promise<void> {
      for (; talks < 10; talks++) {
        const [one, other] = await Promise.all([
          listener.accept(),
          Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
        ]);
        one.close();
        other.close();
      }
    }
    const talking = talk();
    let rests = 0;
    for (; talks < 10 && rests < 2000; rests++) {
      for (const begun = performance.now(); performance.now() < begun + 2;);
      await new Turns().rest();
    }
    await talking;
    clearInterval(ticking);
    listener.close();
    // After setImmediate it takes some sixty rests for each.
    assert.ok(rests < 100, `${rests} rests`);
  });

  it("waits for nobody whose answer failed", async () => {
    performance.now = () => 0;
    await assert.rejects(whileWorkRests(() => Promise.reject(new Error("no answer"))));
    await new Turns().rest();
  });
});
