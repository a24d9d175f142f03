// Every setting of the program once: its name, what it may be, its default, and one line of help.

import { isIP } from "node:net";
import { normaliseAddress } from "./lib/addresses.ts";
import { LOG_LEVELS, type LogLevel } from "./lib/log.ts";

type Setting<T> = {
  readonly help: string;
  /** What a right value looks like, said after "expected". */
  readonly expected: string;
  readonly secret?: true;
  /** Shown by `help`; the text is read as if it had been set. */
  readonly standard?: string;
  /** Gives the value, or undefined if the text is wrong. */
  readonly read: (text: string) => T | undefined;
};

/** In the order in which `help` shows them. The environment variable is the name in capitals: baseUrl is BASE_URL. */
const SETTINGS = {
  host: {
    help: "Address to listen on; 0.0.0.0 or :: for every one",
    expected: "an IP address, or localhost",
    standard: "127.0.0.1",
    read: readHost,
  },
  port: {
    help: "Port to listen on; 0 takes any free one",
    expected: "a whole number from 0 to 65535",
    standard: "8000",
    read: (text) => whole(text, 0, 65535),
  },
  metricsPort: {
    help: "Port of GET /metrics, for Prometheus; unset, there is none; 0 takes any free one",
    expected: "a whole number from 0 to 65535",
    read: (text) => whole(text, 0, 65535),
  },
  metricsHost: {
    help: "Address on which METRICS_PORT listens",
    expected: "an IP address, or localhost",
    standard: "127.0.0.1",
    read: readHost,
  },
  baseUrl: {
    help: "The address that browsers use, for links in mails and the same-origin check",
    expected: "an address such as https://portal.example.sch.uk, without a path",
    read: readBaseUrl,
  },
  dataDir: {
    help: "Folder for the embedded database and the generated server key",
    expected: "a folder",
    standard: ".data/school",
    read: (text) => text,
  },
  databaseUrl: {
    help: "A Postgres of your own, 15 or later; unset, the program starts one in DATA_DIR",
    expected: "an address such as postgres://user:password@host:5432/name",
    secret: true,
    read: (text) => schemeOf(text, ["postgres:", "postgresql:"]),
  },
  directDatabaseUrl: {
    help: "The same database past PgBouncer, where DATABASE_URL leads to one in transaction mode",
    expected: "an address such as postgres://user:password@host:5432/name",
    secret: true,
    read: (text) => schemeOf(text, ["postgres:", "postgresql:"]),
  },
  readDatabaseUrl: {
    help:
      "A streaming standby of it: reports, exports, Coverage and the sign-in history read there",
    expected: "an address such as postgres://user:password@host:5432/name",
    secret: true,
    read: (text) => schemeOf(text, ["postgres:", "postgresql:"]),
  },
  databasePool: {
    help:
      "Connections to Postgres of one process, beside at most three for its queue and two that listen; a third asks what every page asks",
    expected: "a whole number from 2 to 200",
    standard: "10",
    read: (text) => whole(text, 2, 200),
  },
  secretKey: {
    help: "Server key: 32 random bytes in Base64; unset, made once and kept in DATA_DIR",
    expected: "44 characters of Base64 (openssl rand -base64 32)",
    secret: true,
    read: readKey,
  },
  previousSecretKey: {
    help: "The server key before this one, while it is being replaced (see docs/operating.md)",
    expected: "44 characters of Base64, as SECRET_KEY",
    secret: true,
    read: readKey,
  },
  smtpUrl: {
    help: "The mail server, as smtps://user:password@host:465 or smtp://host:587",
    expected: "an address that begins with smtp:// or smtps://",
    secret: true,
    read: (text) => schemeOf(text, ["smtp:", "smtps:"]),
  },
  mailFrom: {
    help: "Sender of the mails",
    expected: "an address such as office@example.sch.uk",
    standard: "office@school.example",
    read: (text) => /^[^\s@<>"(),]+@[^\s@<>"(),]+\.[^\s@<>"(),]+$/.test(text) ? text : undefined,
  },
  mailAtOnce: {
    help:
      "Mails of a reset on their way at once; as many may come twice after a power cut, with the same password",
    expected: "a whole number from 1 to 20",
    standard: "1",
    read: (text) => whole(text, 1, 20),
  },
  mailRate: {
    help: "Mails a minute at most, as many hosted mail servers want; 0 for no limit",
    expected: "a whole number from 0 to 100000",
    standard: "0",
    read: (text) => whole(text, 0, 100_000),
  },
  schoolName: {
    help: "The school's name, as parents know it",
    expected: "a name of at most 100 characters, on one line",
    standard: "Hillcrest School",
    read: (text) => text.trim() === text && /^[^\p{Cc}]{1,100}$/u.test(text) ? text : undefined,
  },
  timeZone: {
    help: "The school's time zone",
    expected: "a name such as Europe/London",
    standard: "Europe/London",
    read: readTimeZone,
  },
  feedFolder: {
    help:
      "Folder whose newest files are fed in every night: lists, OneRoster, School Data Sync, CTF",
    expected: "a folder",
    read: (text) => text,
  },
  feedAt: {
    help: "When the folder is looked into, in the school's time zone",
    expected: "a time of day such as 03:00",
    standard: "03:00",
    read: (text) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? text : undefined,
  },
  feedComplete: {
    help: "Whether lists and School Data Sync packages in the folder hold everybody: yes or no",
    expected: "yes or no",
    standard: "no",
    read: (text) => text === "yes" ? true : text === "no" ? false : undefined,
  },
  trustedProxies: {
    help: "Addresses of proxies whose X-Forwarded-For is believed, separated by commas",
    expected: "IP addresses, separated by commas",
    standard: "",
    read: readAddresses,
  },
  logLevel: {
    help: `How much is logged: ${LOG_LEVELS.join(", ")}`,
    expected: `one of ${LOG_LEVELS.join(", ")}`,
    standard: "info",
    read: (text): LogLevel | undefined => LOG_LEVELS.find((level) => level === text),
  },
} satisfies Record<string, Setting<unknown>>;

type Settings = typeof SETTINGS;
type Value<S> = S extends { read: (text: string) => infer T } ? Exclude<T, undefined> : never;
/** The checked settings; those without a default may be undefined. */
export type Config = {
  readonly [K in keyof Settings]: Settings[K] extends { standard: string } ? Value<Settings[K]>
    : Value<Settings[K]> | undefined;
};

/** The variables that the database drivers look at by themselves: listed so that permissions can be. */
export const DRIVER_VARIABLES = [
  "PGHOST",
  "PGPORT",
  "PGDATABASE",
  "PGUSER",
  "PGPASSWORD",
  "PGSSLMODE",
  "PGAPPNAME",
  "PGTARGETSESSIONATTRS",
  "PGCONNECT_TIMEOUT",
] as const;

/** A setting that is wrong: its name, what was found, what is expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export type Environment = (name: string) => string | undefined;

/**
 * Reads and checks every setting, `NAME_FILE` twins included.
 * @param more settings that the command decides, as if they had been set
 * @throws {ConfigError} that names the first wrong setting, without printing a secret
 */
export function readConfig(
  environment: Environment = Deno.env.get,
  more: Readonly<Record<string, string>> = {},
): Config {
  const entries = Object.entries(SETTINGS).map(([key, setting]) => {
    const name = variableOf(key);
    const text = more[name] ?? textOf(name, environment) ?? standardOf(setting);
    if (text === undefined) return [key, undefined];
    const value = setting.read(text);
    if (value === undefined) {
      const found = "secret" in setting ? "a value that is not shown" : `“${text}”`;
      throw new ConfigError(
        `${name} is wrong: found ${found}, expected ${setting.expected}.`,
      );
    }
    return [key, value];
  });
  return Object.fromEntries(entries);
}

/** The settings as `help` prints them: name, default, help. */
export function describeSettings(): string {
  return Object.entries(SETTINGS).map(([key, setting]) => {
    const standard = standardOf(setting);
    const shown = standard ? ` (${standard})` : "";
    return `  ${variableOf(key).padEnd(20)} ${setting.help}${shown}`;
  }).join("\n");
}

/** Names of all environment variables that the program reads. */
export function variableNames(): string[] {
  const own = Object.keys(SETTINGS).map(variableOf);
  return [...own, ...own.map((name) => `${name}_FILE`), ...DRIVER_VARIABLES];
}

/** The public origin: BASE_URL, or the machine's own address while it is not set. */
export function originOf(config: Config): string {
  return config.baseUrl ?? `http://localhost:${config.port}`;
}

function variableOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function standardOf(setting: object): string | undefined {
  return "standard" in setting && typeof setting.standard === "string"
    ? setting.standard
    : undefined;
}

function textOf(name: string, environment: Environment): string | undefined {
  const direct = environment(name);
  const file = environment(`${name}_FILE`);
  if (direct !== undefined && file !== undefined) {
    throw new ConfigError(`${name} and ${name}_FILE are both set: keep one.`);
  }
  if (file === undefined) return direct === "" ? undefined : direct;
  try {
    const text = Deno.readTextFileSync(file).trim();
    return text === "" ? undefined : text;
  } catch {
    throw new ConfigError(`${name}_FILE names “${file}”, which cannot be read.`);
  }
}

function readHost(text: string): string | undefined {
  return text === "localhost" || isIP(text) !== 0 ? text : undefined;
}

function whole(text: string, least: number, most: number): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= most ? value : undefined;
}

function schemeOf(text: string, schemes: readonly string[]): string | undefined {
  return URL.canParse(text) && schemes.includes(new URL(text).protocol) ? text : undefined;
}

function readBaseUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const bare = url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "";
  return bare && ["http:", "https:"].includes(url.protocol) ? url.origin : undefined;
}

function readKey(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text);
    return bytes.length === 32 ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function readTimeZone(text: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function readAddresses(text: string): readonly string[] | undefined {
  const addresses = text.split(",").filter((address) => address.trim() !== "").map(
    normaliseAddress,
  );
  return addresses.every((address) => address !== null) ? addresses : undefined;
}
