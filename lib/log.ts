// One line of JSON for each event, on standard error; values whose name sounds like a secret are never written.

/** How much is written: each level includes those after it. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, unknown>>;

/** Writes events; `with` gives a log whose every line carries the fields as well. */
export type Log = {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  with(fields: LogFields): Log;
};

const SECRET =
  /pass(word|phrase)?|secret|token|cookie|authorization|hash|key$|otp|(recovery|letter|totp)_?code/i;

/**
 * Opens a log that writes events of `level` and above.
 * @param write receives each finished line, without its line end; standard error unless given
 */
export function openLog(
  level: LogLevel,
  write: (line: string) => void = writeToStandardError,
  fields: LogFields = {},
): Log {
  function line(of: LogLevel, event: string, more: LogFields = {}): void {
    if (LOG_LEVELS.indexOf(of) < LOG_LEVELS.indexOf(level)) return;
    const entry = { at: new Date().toISOString(), level: of, event, ...fields, ...more };
    write(asLine(entry));
  }
  return {
    debug: (event, more) => line("debug", event, more),
    info: (event, more) => line("info", event, more),
    warn: (event, more) => line("warn", event, more),
    error: (event, more) => line("error", event, more),
    with: (more) => openLog(level, write, { ...fields, ...more }),
  };
}

/** JSON; a field that leads back to itself is cut there. */
function asLine(entry: Record<string, unknown>): string {
  const above: unknown[] = [];
  return JSON.stringify(entry, function (this: unknown, name: string, value: unknown): unknown {
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    const shown = readable(name, value);
    if (shown === null || typeof shown !== "object") return shown;
    if (above.includes(shown)) return "(leads back to itself)";
    above.push(shown);
    return shown;
  });
}

function readable(name: string, value: unknown): unknown {
  if (name !== "" && SECRET.test(name)) return "(not written)";
  if (value instanceof Error) {
    const code = "code" in value ? { code: value.code } : {};
    const cause = value.cause === undefined ? {} : { cause: value.cause };
    return { name: value.name, message: value.message, ...code, stack: value.stack, ...cause };
  }
  return typeof value === "bigint" ? String(value) : value;
}

function writeToStandardError(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(line + "\n"));
}
