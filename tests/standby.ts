// A primary and a streaming standby of it, both the Postgres that comes with the program: what READ_DATABASE_URL is for.

import { connect } from "../db/connect.ts";
import { openEmbedded } from "../db/embedded.ts";
import { openLog } from "../lib/log.ts";
import { openProxy, type Proxy } from "./proxy.ts";

export type Pair = {
  readonly primary: string;
  /** Its address by way of {@link Pair.line}. */
  readonly standby: string;
  /** Between the program and the standby; can be cut. */
  readonly line: Proxy;
  close(): Promise<void>;
};

const log = openLog("error");

/** Makes both from nothing: the standby is a copy that follows, as pg_basebackup makes one. */
export async function openPair(): Promise<Pair> {
  const folder = await Deno.makeTempDir({ prefix: "parent-logons-standby-" });
  await Deno.chmod(folder, 0o755);
  const primary = await openEmbedded(`${folder}/primary`, log);
  await copyCluster(primary.url, folder);
  const standby = await openEmbedded(`${folder}/standby`, log);
  const line = await openProxy(standby.url);
  return {
    primary: primary.url,
    standby: line.url,
    line,
    async close(): Promise<void> {
      await line.close();
      await standby.stop();
      await primary.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The low-level way to copy a running cluster: https://www.postgresql.org/docs/18/continuous-archiving.html, 25.3.4. */
async function copyCluster(url: string, folder: string): Promise<void> {
  const [from, to] = [`${folder}/primary`, `${folder}/standby`];
  await Deno.mkdir(to);
  const sql = connect({ url, pool: 1, lasting: true });
  await sql`select pg_backup_start('standby', true)`;
  await run("cp", ["-a", `${from}/postgres`, `${from}/postgres-password`, to]);
  const [backup] = await sql<
    [{ label: string }]
  >`select labelfile as label from pg_backup_stop(false)`;
  await sql.end();
  const data = `${to}/postgres`;
  await Deno.remove(`${data}/postmaster.pid`);
  const { hostname, port, username, password } = new URL(url);
  await Deno.writeTextFile(
    `${data}/postgresql.auto.conf`,
    `primary_conninfo = 'host=${hostname} port=${port} user=${username} password=${password}'\n`,
    { append: true },
  );
  await Deno.writeTextFile(`${data}/backup_label`, backup.label);
  await Deno.writeTextFile(`${data}/standby.signal`, "");
  await run("chown", [
    `--reference=${data}/PG_VERSION`,
    `${data}/backup_label`,
    `${data}/standby.signal`,
  ]);
}

async function run(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stderr: "piped" }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}
