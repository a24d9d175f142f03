// The settings of the program: what each may be, where it comes from, and that a secret is never printed.

import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  type Config,
  ConfigError,
  describeSettings,
  DRIVER_VARIABLES,
  originOf,
  readConfig,
  variableNames,
} from "../config.ts";

const KEY = new Uint8Array(32).fill(7).toBase64();

function configOf(variables: Readonly<Record<string, string>>): Config {
  return readConfig((name) => variables[name]);
}

function refusalOf(variables: Readonly<Record<string, string>>): string {
  try {
    configOf(variables);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  assert.fail(`accepted: ${JSON.stringify(variables)}`);
}

describe("the settings", () => {
  it("have defaults that work on one's own machine", () => {
    const config = configOf({});
    assert.equal(config.host, "127.0.0.1");
    assert.equal(config.port, 8000);
    assert.equal(config.timeZone, "Europe/London");
    assert.equal(config.logLevel, "info");
    assert.deepEqual(config.trustedProxies, []);
    assert.equal(config.metricsPort, undefined);
    assert.equal(config.metricsHost, "127.0.0.1");
    assert.equal(config.databaseUrl, undefined);
    assert.equal(config.secretKey, undefined);
    assert.equal(originOf(config), "http://localhost:8000");
  });

  it("that are set to nothing are as if they were not set", () => {
    const nothing = Object.fromEntries(
      variableNames().filter((name) => !name.endsWith("_FILE")).map((name) => [name, ""]),
    );
    assert.deepEqual(configOf(nothing), configOf({}));
  });

  const right: readonly (readonly [string, string, keyof Config, unknown])[] = [
    ["HOST", "0.0.0.0", "host", "0.0.0.0"],
    ["HOST", "::", "host", "::"],
    ["HOST", "localhost", "host", "localhost"],
    ["PORT", "0", "port", 0],
    ["PORT", "65535", "port", 65535],
    ["METRICS_PORT", "9464", "metricsPort", 9464],
    ["METRICS_HOST", "::", "metricsHost", "::"],
    ["BASE_URL", "https://portal.example.sch.uk", "baseUrl", "https://portal.example.sch.uk"],
    ["BASE_URL", "https://portal.example.sch.uk/", "baseUrl", "https://portal.example.sch.uk"],
    ["BASE_URL", "HTTPS://Portal.Example.sch.uk:443", "baseUrl", "https://portal.example.sch.uk"],
    ["BASE_URL", "http://localhost:9000", "baseUrl", "http://localhost:9000"],
    ["DATA_DIR", "/var/lib/x", "dataDir", "/var/lib/x"],
    ["DATABASE_URL", "postgres://u:p@h:5432/n", "databaseUrl", "postgres://u:p@h:5432/n"],
    ["DATABASE_URL", "postgresql://h/n", "databaseUrl", "postgresql://h/n"],
    ["DIRECT_DATABASE_URL", "postgres://h:5432/n", "directDatabaseUrl", "postgres://h:5432/n"],
    ["READ_DATABASE_URL", "postgres://r:5432/n", "readDatabaseUrl", "postgres://r:5432/n"],
    ["DATABASE_POOL", "2", "databasePool", 2],
    ["SMTP_URL", "smtps://u:p@h:465", "smtpUrl", "smtps://u:p@h:465"],
    ["MAIL_FROM", "office@example.sch.uk", "mailFrom", "office@example.sch.uk"],
    ["SCHOOL_NAME", "Ysgol Bryn ’r Haul", "schoolName", "Ysgol Bryn ’r Haul"],
    ["TIME_ZONE", "America/New_York", "timeZone", "America/New_York"],
    ["TRUSTED_PROXIES", "10.0.0.1, 2001:db8::1 ,", "trustedProxies", ["10.0.0.1", "2001:db8::1"]],
    ["LOG_LEVEL", "silent", "logLevel", "silent"],
    ["SECRET_KEY", KEY, "secretKey", new Uint8Array(32).fill(7)],
    ["PREVIOUS_SECRET_KEY", KEY, "previousSecretKey", new Uint8Array(32).fill(7)],
  ];
  for (const [name, text, key, value] of right) {
    it(`take ${name}=${text}`, () => assert.deepEqual(configOf({ [name]: text })[key], value));
  }

  const wrong: readonly (readonly [string, string])[] = [
    ["HOST", "school.example"],
    ["HOST", "300.1.1.1"],
    ["PORT", "65536"],
    ["METRICS_PORT", "off"],
    ["METRICS_HOST", "every one"],
    ["PORT", "-1"],
    ["PORT", "80a"],
    ["PORT", "1e3"],
    ["PORT", " 80"],
    ["PORT", "８０"],
    ["BASE_URL", "portal.example.sch.uk"],
    ["BASE_URL", "https://portal.example.sch.uk/logons"],
    ["BASE_URL", "https://portal.example.sch.uk?x"],
    ["BASE_URL", "https://portal.example.sch.uk#x"],
    ["BASE_URL", "https://user@portal.example.sch.uk"],
    ["BASE_URL", "ftp://portal.example.sch.uk"],
    ["BASE_URL", "javascript:alert(1)"],
    ["DATABASE_URL", "mysql://h/n"],
    ["DATABASE_URL", "h"],
    ["DIRECT_DATABASE_URL", "pgbouncer"],
    ["READ_DATABASE_URL", "mysql://h/n"],
    ["DATABASE_POOL", "1"],
    ["DATABASE_POOL", "201"],
    ["SECRET_KEY", "short"],
    ["PREVIOUS_SECRET_KEY", "short"],
    ["SECRET_KEY", new Uint8Array(31).toBase64()],
    ["SECRET_KEY", new Uint8Array(33).toBase64()],
    ["SECRET_KEY", "!".repeat(44)],
    ["SMTP_URL", "https://h"],
    ["SMTP_URL", "mail.example.org"],
    ["MAIL_FROM", "Office <office@example.org>"],
    ["MAIL_FROM", "a@x.org,b@x.org"],
    ["MAIL_FROM", "a@x.org\r\nBcc: b@x.org"],
    ["MAIL_FROM", "office"],
    ["SCHOOL_NAME", "x".repeat(101)],
    ["SCHOOL_NAME", "   "],
    ["SCHOOL_NAME", "Hillcrest\r\nBcc: evil@example.org"],
    ["TIME_ZONE", "Europe/Nowhere"],
    ["TIME_ZONE", "GMT+1 or so"],
    ["TRUSTED_PROXIES", "10.0.0.1, proxy.example"],
    ["TRUSTED_PROXIES", "10.0.0.0/8"],
    ["LOG_LEVEL", "loud"],
    ["LOG_LEVEL", "INFO"],
  ];
  for (const [name, text] of wrong) {
    it(`refuse ${name}=${JSON.stringify(text.slice(0, 40))}, by name, with what is expected`, () => {
      const said = refusalOf({ [name]: text });
      assert.ok(said.startsWith(`${name} is wrong: found `), said);
      assert.match(said, /, expected .+\.$/);
    });
  }

  it("print no secret when it is wrong", () => {
    for (
      const [name, secret] of [
        ["DATABASE_URL", "mysql://user:hunter2@host/name"],
        ["SMTP_URL", "http://user:hunter2@host"],
        ["SECRET_KEY", "hunter2hunter2"],
      ] as const
    ) {
      const said = refusalOf({ [name]: secret });
      assert.doesNotMatch(said, /hunter2/, name);
      assert.match(said, /a value that is not shown/);
    }
  });

  it("are all named for help and for permissions, each with a line that says what it is", () => {
    const help = describeSettings();
    const own = variableNames().filter((name) =>
      !name.endsWith("_FILE") && !DRIVER_VARIABLES.some((driver) => driver === name)
    );
    assert.equal(help.split("\n").length, own.length);
    for (const name of own) {
      assert.match(help, new RegExp(`^  ${name} +\\S.*\\S`, "m"));
      assert.ok(variableNames().includes(`${name}_FILE`));
    }
    for (
      const name of [
        "HOST",
        "PORT",
        "METRICS_PORT",
        "BASE_URL",
        "DATA_DIR",
        "DATABASE_URL",
        "SMTP_URL",
        "MAIL_FROM",
        "SECRET_KEY",
        "SCHOOL_NAME",
        "TIME_ZONE",
        "LOG_LEVEL",
        "TRUSTED_PROXIES",
      ]
    ) {
      assert.ok(own.includes(name), name);
    }
  });

  it("may be decided by the command, before the environment", () => {
    const config = readConfig((name) => name === "PORT" ? "9000" : undefined, { PORT: "7000" });
    assert.equal(config.port, 7000);
  });
});

describe("a setting in a file", () => {
  let folder: string;
  before(async () => {
    folder = await Deno.makeTempDir();
  });
  after(() => Deno.remove(folder, { recursive: true }));

  function fileOf(text: string): string {
    const path = `${folder}/${crypto.randomUUID()}`;
    Deno.writeTextFileSync(path, text);
    return path;
  }

  it("is read as if it had been set, without the line's end", () => {
    assert.deepEqual(
      configOf({ SECRET_KEY_FILE: fileOf(`${KEY}\n`) }).secretKey,
      new Uint8Array(32).fill(7),
    );
    assert.equal(configOf({ PORT_FILE: fileOf("9000\r\n") }).port, 9000);
  });

  it("is checked and its secret not printed", () => {
    const said = refusalOf({ SECRET_KEY_FILE: fileOf("hunter2") });
    assert.match(said, /^SECRET_KEY is wrong/);
    assert.doesNotMatch(said, /hunter2/);
  });

  it("is as if it were not set where the file is empty", () => {
    for (const name of ["DATA_DIR", "SCHOOL_NAME", "PORT", "DATABASE_URL"]) {
      assert.deepEqual(configOf({ [`${name}_FILE`]: fileOf("\n") }), configOf({}), name);
    }
  });

  it("is refused beside the setting itself, and where it cannot be read", () => {
    assert.equal(
      refusalOf({ PORT: "1", PORT_FILE: fileOf("1") }),
      "PORT and PORT_FILE are both set: keep one.",
    );
    const missing = `${folder}/missing`;
    assert.equal(
      refusalOf({ PORT_FILE: missing }),
      `PORT_FILE names “${missing}”, which cannot be read.`,
    );
    assert.match(refusalOf({ PORT_FILE: folder }), /cannot be read/);
  });
});
