// Files of tasks, kept in Postgres in pieces: uploads until their task is over, results until they expire.

import type { Queryable } from "./connect.ts";

export type FilePurpose = "upload" | "result";
export type StoredFile = {
  readonly id: number;
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
};

/** Bytes in one piece. */
const PIECE = 256 * 1024;

/** Stores a whole file of a task, in place of an earlier one of the same purpose; call it in a transaction. */
export async function putFile(
  sql: Queryable,
  file: {
    readonly taskId: number;
    readonly purpose: FilePurpose;
    readonly name: string;
    readonly mediaType: string;
    readonly bytes: Uint8Array;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await deleteFile(sql, file.taskId, file.purpose);
  const [row] = await sql<[{ id: number }]>`
    insert into files (task_id, purpose, name, media_type, size, expires_at)
    values (${file.taskId}, ${file.purpose}, ${file.name}, ${file.mediaType}, ${file.bytes.length}, ${file.expiresAt})
    returning id`;
  for (let start = 0; start < file.bytes.length; start += PIECE) {
    await sql`
      insert into file_chunks (file_id, position, bytes)
      values (${row.id}, ${start / PIECE}, ${file.bytes.subarray(start, start + PIECE)})`;
  }
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
    const [row] = await sql<{ bytes: Uint8Array<ArrayBuffer> }[]>`
      select bytes from file_chunks where file_id = ${file.id} and position = ${position}`;
    if (!row) throw new Error(`file ${file.id} lacks piece ${position}`);
    yield row.bytes;
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
