// The program as an operator starts it: a process of its own, watched by what it says.

import { fromFileUrl } from "./paths.ts";

const MAIN = fromFileUrl("../main.ts");

/** Milliseconds after which a program that is not ready never will be, on however busy a machine. */
const READY_WITHIN = 90_000;

export type Running = {
  /** Where it listens, as it says itself. */
  readonly url: string;
  readonly pid: number;
  /** What it has said so far, on either stream. */
  output(): string;
  /** Sends a signal and waits for the end. @returns the exit code */
  stop(signal?: Deno.Signal): Promise<number>;
};

/** Flags of Deno itself; and the main.ts of another version. */
type How = { readonly flags?: readonly string[]; readonly main?: string };

/** Settings of a process: only what is given here, and what every process needs. */
function environment(settings: Readonly<Record<string, string>>): Record<string, string> {
  const kept = ["PATH", "HOME", "DENO_DIR", "TMPDIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), PORT: "0", ...settings };
}

/** Runs a command to its end. @param input what it reads from standard input */
export async function runProgram(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  input = "",
  how: How = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...how.flags ?? [], how.main ?? MAIN, ...args],
    env: environment(settings),
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Starts serve, web, work or demo and waits until it says that it is ready. @throws {Error} if it ends before, or hangs */
export async function startProgram(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  how: How = {},
): Promise<Running> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...how.flags ?? [], how.main ?? MAIN, ...args],
    env: environment(settings),
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const ready = Promise.withResolvers<string>();
  const said: string[] = [];
  const listen = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      said.push(text);
      const url = /"event":"ready","url":"([^"]*)"|Ready: (\S+)/.exec(said.join(""));
      if (url) ready.resolve(url[1] ?? url[2] ?? "");
    }
  };
  const listening = Promise.all([listen(child.stdout), listen(child.stderr)]);
  child.status.then(({ code }) => ready.reject(new Error(`ended with ${code}: ${said.join("")}`)));
  ready.promise.catch(() => {});
  const late = setTimeout(() => {
    ready.reject(new Error(`neither ready nor ended: ${said.join("")}`));
    child.kill("SIGKILL");
  }, READY_WITHIN);
  const url = await ready.promise.finally(() => clearTimeout(late));
  return {
    url,
    pid: child.pid,
    output: () => said.join(""),
    async stop(signal = "SIGTERM"): Promise<number> {
      child.kill(signal);
      const { code } = await child.status;
      await listening;
      return code;
    },
  };
}
