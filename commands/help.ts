// help: every command and every setting, from the lists that the program itself uses.

import { describeSettings } from "../config.ts";

export function help(
  commands: Readonly<Record<string, { readonly help: string }>>,
): Promise<number> {
  const lines = Object.entries(commands).map(([name, command]) =>
    `  ${name.padEnd(16)} ${command.help}`
  );
  const text = [
    "Parent Logons: the office gives parents their logons for the Parent Portal and looks after them.",
    "",
    "Commands: deno run -A main.ts COMMAND",
    ...lines,
    "",
    "Settings, from the environment; NAME_FILE names a file that holds the value:",
    describeSettings(),
    "",
  ].join("\n");
  Deno.stdout.writeSync(new TextEncoder().encode(text));
  return Promise.resolve(0);
}
