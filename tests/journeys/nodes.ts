// The same journeys with several web and several work processes: each request goes to the next web node, each task to whoever comes first.

import { fromFileUrl } from "../paths.ts";
import { startProgram } from "../program.ts";

export type Nodes = {
  /** Answers by the next node, as a load balancer without memory does. */
  answer(request: Request, info: Deno.ServeHandlerInfo): Promise<Response>;
  /** Lets time pass on all of them. */
  pass(minutes: number): void;
  close(): Promise<void>;
};

/** How many of each: `JOURNEY_NODES=2 deno task journeys`; 0 for all in the test's own process. */
export const JOURNEY_NODES = Number(Deno.env.get("JOURNEY_NODES") ?? 0);

/** Starts so many web and so many work processes. */
export async function openNodes(
  count: number,
  settings: Readonly<Record<string, string>>,
): Promise<Nodes> {
  const minutes = await Deno.makeTempFile({ prefix: "parent-logons-minutes-" });
  const setPassed = (passed: number): void => Deno.writeTextFileSync(minutes, String(passed));
  setPassed(0);
  const how = { main: fromFileUrl("fixtures/journey_node.ts") };
  const start = (part: string): ReturnType<typeof startProgram> =>
    startProgram([part, minutes], settings, how);
  const parts = ["web", "work"].flatMap((part) => Array.from({ length: count }, () => part));
  const nodes = await Promise.all(parts.map(start));
  const webs = nodes.slice(0, count);
  let turn = 0;
  return {
    async answer(request): Promise<Response> {
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      // What is unpacked here would be sent on as if it were packed.
      headers.set("accept-encoding", "identity");
      const { status, headers: answered, body } = await fetch(
        `${webs[turn++ % webs.length]?.url}${pathname}${search}`,
        { method: request.method, headers, body: request.body, redirect: "manual" },
      );
      return new Response(body, { status, headers: answered });
    },
    pass: setPassed,
    async close(): Promise<void> {
      const codes = await Promise.all(nodes.map((node) => node.stop()));
      await Deno.remove(minutes);
      const said = nodes.map((node) => node.output()).join("");
      if (codes.some((code) => code !== 0)) throw new Error(`a node ended with ${codes}: ${said}`);
    },
  };
}
