// The operator's program: a table from command to function, each imported when it is needed.

import { ConfigError } from "./config.ts";
import { forbidCoreFiles } from "./lib/core_files.ts";

type Command = {
  readonly help: string;
  readonly run: (args: string[]) => Promise<number>;
  /** Whether anything may follow its name. */
  readonly takesWords?: true;
};

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    help: "Run everything in one process: web and work",
    run: async () => (await import("./commands/run.ts")).serve({ web: true, work: true }),
  },
  web: {
    help: "Run the web side alone; any number of them against one Postgres",
    run: async () => (await import("./commands/run.ts")).serve({ web: true, work: false }),
  },
  work: {
    help: "Run the worker alone; any number of them",
    run: async () => (await import("./commands/run.ts")).serve({ web: false, work: true }),
  },
  demo: {
    help: "Try it: a school with a cast; --logons N --learners N --sign-ins N for a larger one",
    run: async (args) => (await import("./commands/run.ts")).demo(args),
    takesWords: true,
  },
  migrate: {
    help: "Bring the database up to date",
    run: async () => (await import("./commands/look_after.ts")).migrateDatabase(),
  },
  admin: {
    help:
      "admin add USERNAME --name NAME [--role ROLE] | admin reset USERNAME: asks for the password; reset also clears two factor authentication",
    run: async (args) => (await import("./commands/look_after.ts")).admin(args),
    takesWords: true,
  },
  bounce: {
    help: "Mark the mail that a delivery report on standard input is about as come back",
    run: async () => (await import("./commands/bounce.ts")).bounce(),
  },
  doctor: {
    help:
      "Check database, mail, clock, secrets and disk, and say what to do; --mail ADDRESS sends a mail",
    run: async (args) => (await import("./commands/doctor.ts")).doctor(args),
    takesWords: true,
  },
  seed: {
    help: "Fill an empty database: --logons N --learners N --sign-ins N [--seed N]",
    run: async (args) => (await import("./commands/look_after.ts")).seed(args),
    takesWords: true,
  },
  feed: {
    help:
      "feed FILE_OR_FOLDER [--kind KIND] [--complete] [--dry-run]: feed in learners and contacts, and say what it did",
    run: async (args) => (await import("./commands/feed.ts")).feed(args),
    takesWords: true,
  },
  read: {
    help: "read FILE: print what the importer sees in a workbook or CSV file, as JSON",
    run: async (args) => (await import("./commands/read.ts")).read(args),
    takesWords: true,
  },
  routes: {
    help: "List every address with its method and guard",
    run: async () => (await import("./commands/look_after.ts")).routes(),
  },
  version: {
    help: "Print the version",
    run: async () => (await import("./commands/look_after.ts")).version(),
  },
  help: {
    help: "Print this",
    run: async () => (await import("./commands/help.ts")).help(COMMANDS),
  },
};

/** Runs a command and gives its exit code: 0 well, 1 not, 2 not understood. */
export async function main(args: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = args;
  const command = COMMANDS[name.replace(/^--?/, "")];
  if (!command) {
    say(`There is no command “${name}”. Try: help`);
    return 2;
  }
  const [first] = rest;
  if (first !== undefined && !command.takesWords) {
    say(
      `${name} takes nothing after it, and there is “${first}”. Settings come from the environment: help lists them.`,
    );
    return 2;
  }
  // Before anything is started: Postgres and the readers of files have it from this process.
  if (!forbidCoreFiles()) {
    say("Core files could not be forbidden. Set their limit to 0: ulimit -c 0");
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (error instanceof ConfigError || isForPeople(error)) {
      say(error instanceof Error ? error.message : String(error));
      return 1;
    }
    const { isRefused } = await import("./db/connect.ts");
    if (isRefused(error)) {
      say(`The database cannot be reached, or has no connection free: ${error.message}`);
      return 1;
    }
    throw error;
  }
}

/** Errors whose message says what to do. */
function isForPeople(error: unknown): boolean {
  return error instanceof Error &&
    ["EmbeddedError", "MigrationError", "UsernameTaken", "UsageError", "CannotStart"].includes(
      error.name,
    );
}

function say(sentence: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(sentence + "\n"));
}

if (import.meta.main) {
  // Whatever goes wrong ends the program here: else what it had opened before would keep it, and whoever watches it would
  // take it for one that works.
  const code = await main(Deno.args).catch((error: unknown) => {
    // Not all that it holds: what Postgres says in detail may be a row.
    say(error instanceof Error ? error.stack ?? error.message : String(error));
    return 1;
  });
  Deno.exit(code);
}
