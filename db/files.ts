// Files of tasks, kept in Postgres in pieces: uploads until their task is over, results until they expire.

import { daysAfter } from "../lib/days.ts";
import type { Queryable, Sql, Transaction } from "./connect.ts";
import type { Fragment } from "./fragment.ts";
import { findSettings } from "./settings.ts";
import { type Claim, claimed } from "./tasks.ts";

/** An unfinished file becomes a result with its last piece. */
export type FilePurpose = "upload" | "result" | "unfinished";
export type StoredFile = {
  readonly id: number;
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
};

/** Bytes in one piece. */
const PIECE = 256 * 1024;

/** The name of a file without its folders, as it may be stored. */
export function fileNameOf(name: string): string {
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? "";
  const clean = last.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "").trim();
  const ending = /\.[a-z0-9]{1,8}$/i.exec(clean)?.[0] ?? "";
  const stem = clean.slice(0, clean.length - ending.length).slice(0, 200).toWellFormed();
  return stem + ending || "file";
}

/** A name made of what somebody has named, legal on every system: Windows allows fewest characters. */
export function legalFileName(name: string): string {
  return name.replace(/[\\/:*?"<>|\p{Cc}]/gu, "-").slice(0, 150).toWellFormed();
}

/**
 * Stores a whole file of a task, in place of an earlier one of the same purpose; call it in a transaction. It is kept for as
 * many days as the school has set, from `at` on.
 */
export async function putFile(
  sql: Queryable,
  file: {
    readonly taskId: number;
    readonly purpose: FilePurpose;
    readonly name: string;
    readonly mediaType: string;
    readonly bytes: Uint8Array;
    readonly at: Date;
  },
): Promise<void> {
  await deleteFile(sql, file.taskId, file.purpose);
  const [row] = await sql<[{ id: number }]>`
    insert into files (task_id, purpose, name, media_type, size, expires_at)
    values (${file.taskId}, ${file.purpose}, ${file.name}, ${file.mediaType}, ${file.bytes.length}, ${await expiryOf(
    sql,
    file.at,
  )})
    returning id`;
  for (let start = 0; start < file.bytes.length; start += PIECE) {
    await sql`
      insert into file_chunks (file_id, position, bytes)
      values (${row.id}, ${start / PIECE}, ${
      bytesOf(sql, file.bytes.subarray(start, start + PIECE))
    })`;
  }
}

/** Takes a file as it is made; each call has to be awaited before the next. */
export type FileWriter = {
  write(bytes: Uint8Array): Promise<void>;
  /** Stores the rest: from now on it is the task's result, in place of an earlier one. */
  close(): Promise<void>;
};

/**
 * Begins a task's result that is stored piece by piece, so that memory does not grow with it. What an earlier run left
 * unfinished goes; nobody is offered the file before it is closed. It is kept as by {@link putFile}.
 * @throws {ClaimLost} here and by each call, once another worker has the task
 */
export async function openFile(
  sql: Sql,
  claim: Claim,
  file: { readonly name: string; readonly mediaType: string; readonly at: Date },
): Promise<FileWriter> {
  const id = await claimed(sql, claim, async (tx) => {
    await deleteFile(tx, claim.taskId, "unfinished");
    const [row] = await tx<[{ id: number }]>`
      insert into files (task_id, purpose, name, media_type, size, expires_at)
      values (${claim.taskId}, 'unfinished', ${file.name}, ${file.mediaType}, 0, ${await expiryOf(
      tx,
      file.at,
    )})
      returning id`;
    return row.id;
  });
  const buffer = new Uint8Array(PIECE);
  let used = 0;
  let pieces = 0;
  async function store(tx: Transaction): Promise<void> {
    if (used === 0) return;
    await tx`
      insert into file_chunks (file_id, position, bytes)
      values (${id}, ${pieces}, ${bytesOf(tx, buffer.subarray(0, used))})`;
  }
  return {
    async write(bytes): Promise<void> {
      for (let start = 0; start < bytes.length;) {
        const part = bytes.subarray(start, start + PIECE - used);
        buffer.set(part, used);
        used += part.length;
        start += part.length;
        if (used < PIECE) continue;
        await claimed(sql, claim, store);
        pieces++;
        used = 0;
      }
    },
    async close(): Promise<void> {
      await claimed(sql, claim, async (tx) => {
        await store(tx);
        await deleteFile(tx, claim.taskId, "result");
        await tx`
          update files set purpose = 'result', size = ${pieces * PIECE + used} where id = ${id}`;
      });
    },
  };
}

async function expiryOf(sql: Queryable, at: Date): Promise<Date> {
  return daysAfter(at, (await findSettings(sql)).file_days);
}

/** Bytes as base64: as a parameter postgres.js would make three strings of them, the longest four times as large. */
function bytesOf(sql: Queryable, bytes: Uint8Array): Fragment {
  return sql`decode(${bytes.toBase64()}, 'base64')`;
}

/** The file of a task; null if there is none. */
export async function findFile(
  sql: Queryable,
  taskId: number,
  purpose: FilePurpose,
): Promise<StoredFile | null> {
  const [row] = await sql<StoredFile[]>`
    select id, name, media_type as "mediaType", size from files
     where task_id = ${taskId} and purpose = ${purpose}`;
  return row ?? null;
}

/** Its bytes, a piece at a time. */
export async function* readFile(
  sql: Queryable,
  file: StoredFile,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let position = 0; position * PIECE < file.size; position++) {
    // The driver takes six milliseconds to read a piece that comes in hexadecimal digits.
    const [row] = await sql<{ base64: string }[]>`
      select encode(bytes, 'base64') as base64 from file_chunks
       where file_id = ${file.id} and position = ${position}`;
    if (!row) throw new Error(`file ${file.id} lacks piece ${position}`);
    yield Uint8Array.fromBase64(row.base64);
  }
}

/** Its bytes, whole. */
export async function readWholeFile(
  sql: Queryable,
  file: StoredFile,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(file.size);
  let at = 0;
  for await (const piece of readFile(sql, file)) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

export async function deleteFile(
  sql: Queryable,
  taskId: number,
  purpose: FilePurpose,
): Promise<void> {
  await sql`delete from files where task_id = ${taskId} and purpose = ${purpose}`;
}

/** Removes what has expired. */
export async function purgeFiles(sql: Queryable, at: Date): Promise<number> {
  const { count } = await sql`delete from files where expires_at <= ${at}`;
  return count;
}
