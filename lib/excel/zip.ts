// Opens a zip archive held in memory, judging its directory before anything is inflated.

import { Buffer } from "node:buffer";
import { constants, crc32, inflateRawSync } from "node:zlib";
import { broken, refusal, tooLarge } from "./refusal.ts";

/** Most entries an archive may list. */
const MAX_ENTRIES = 10_000;
/** Most bytes all entries together may take once inflated. */
const MAX_INFLATED_BYTES = 100 * 1024 * 1024;
/** Entries larger than this (bytes, inflated) must not be compressed by more than MAX_RATIO. */
const RATIO_JUDGED_FROM = 16 * 1024 * 1024;
const MAX_RATIO = 100;
const MAX_HEAD_BYTES = 64 * 1024;

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_HEADER = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_EXTRA = 0x0001;
const UNKNOWN_32 = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;
const CUT_OFF = "it was not downloaded or copied completely";
const CONTRADICTION = "the archive's directory contradicts itself";

type Entry = {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Byte where the local header starts. */
  readonly offset: number;
  readonly nameLength: number;
};

type Directory = { readonly start: number; readonly end: number; readonly count: number };

/** Names are compared as in ECMA-376 part 2, 6.2.2.3 and 7.3.4: without case and %-escapes. */
function nameKey(name: string): string {
  return unescapeName(name).replaceAll("\\", "/").replace(/^\/+/, "").toLowerCase();
}

function unescapeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** An archive whose directory has been found sound; entries are inflated one by one. */
export class ZipArchive {
  #bytes: Buffer;
  #entries = new Map<string, Entry>();
  #doubled = new Set<string>();

  /**
   * Reads and judges the directory (APPNOTE.TXT 4.3, with zip64) without inflating anything.
   * @param look at names and heads before the sizes are judged: what the archive is says more
   *   than that it is too large
   * @throws Refusal of kind broken or tooLarge, or what `look` throws
   */
  constructor(bytes: Uint8Array, look: (zip: ZipArchive) => void = () => {}) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const directory = findDirectory(this.#bytes);
    const entries = readDirectory(this.#bytes, directory);
    judgeOverlaps(entries, directory.start);
    for (const entry of entries) {
      const key = nameKey(entry.name);
      if (key.split("/").includes("..")) throw broken("it names a file outside of itself");
      if (this.#entries.has(key)) this.#doubled.add(key);
      this.#entries.set(key, entry);
    }
    look(this);
    judgeSizes(entries);
  }

  /** The entries' names as keys: forward slashes, lower case, no leading slash. */
  names(): string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(nameKey(name));
  }

  /**
   * The inflated bytes of one entry, or undefined if there is none of that name.
   * @throws Refusal of kind broken (damaged, ambiguous), encrypted or tooLarge
   */
  read(name: string): Buffer | undefined {
    const key = nameKey(name);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#doubled.has(key)) throw broken(`it has two parts named ${entry.name}`);
    if ((entry.flags & 1) !== 0) throw refusal("encrypted");
    const content = this.#inflate(entry);
    if (crc32(content) !== entry.crc) throw broken(`its part ${entry.name} is damaged`);
    return content;
  }

  /**
   * What the first `length` compressed bytes of an entry hold; nothing if they are damaged or
   * unpack to more than MAX_HEAD_BYTES.
   */
  head(name: string, length: number): Buffer {
    const entry = this.#entries.get(nameKey(name));
    if (entry === undefined || (entry.flags & 1) !== 0) return Buffer.alloc(0);
    const data = this.#compressed(entry).subarray(0, length);
    if (entry.method !== DEFLATED) return data;
    try {
      return inflateRawSync(data, {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: MAX_HEAD_BYTES,
      });
    } catch {
      return Buffer.alloc(0);
    }
  }

  #compressed(entry: Entry): Buffer {
    const bytes = this.#bytes;
    const { offset } = entry;
    if (offset + 30 > bytes.length || bytes.readUInt32LE(offset) !== LOCAL_HEADER) {
      throw broken(`its part ${entry.name} is missing`);
    }
    const start = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
    const end = start + entry.compressedSize;
    if (end > bytes.length) throw broken(CUT_OFF);
    return bytes.subarray(start, end);
  }

  #inflate(entry: Entry): Buffer {
    const data = this.#compressed(entry);
    if (entry.method === STORED) {
      if (data.length !== entry.size) throw broken(CONTRADICTION);
      return data;
    }
    if (entry.method !== DEFLATED) {
      throw broken(`its part ${entry.name} is compressed in a way Excel does not use`);
    }
    let content: Buffer;
    try {
      // The declared size is the cap: a part that holds more than it says is a lie, not data.
      content = inflateRawSync(data, { maxOutputLength: Math.max(entry.size, 1) });
    } catch {
      throw broken(`its part ${entry.name} is damaged`);
    }
    if (content.length !== entry.size) throw broken(CONTRADICTION);
    return content;
  }
}

function findDirectory(bytes: Buffer): Directory {
  const lowest = Math.max(0, bytes.length - 22 - 0xffff);
  for (let at = bytes.length - 22; at >= lowest; at--) {
    if (bytes.readUInt32LE(at) !== DIRECTORY_END) continue;
    if (at + 22 + bytes.readUInt16LE(at + 20) > bytes.length) continue;
    return zip64Directory(bytes, at) ?? {
      ...located(bytes, bytes.readUInt32LE(at + 16), bytes.readUInt32LE(at + 12), at),
      count: bytes.readUInt16LE(at + 10),
    };
  }
  throw broken(CUT_OFF);
}

function zip64Directory(bytes: Buffer, end: number): Directory | undefined {
  const locator = end - 20;
  if (locator < 0 || bytes.readUInt32LE(locator) !== ZIP64_LOCATOR) return undefined;
  const record = Number(bytes.readBigUInt64LE(locator + 8));
  if (record + 56 > locator || bytes.readUInt32LE(record) !== ZIP64_END) {
    throw broken(CONTRADICTION);
  }
  const count = Number(bytes.readBigUInt64LE(record + 32));
  const size = Number(bytes.readBigUInt64LE(record + 40));
  return { ...located(bytes, Number(bytes.readBigUInt64LE(record + 48)), size, record), count };
}

function located(
  bytes: Buffer,
  start: number,
  size: number,
  limit: number,
): { start: number; end: number } {
  if (start + size > limit) throw broken(CUT_OFF);
  if (size >= 4 && bytes.readUInt32LE(start) !== DIRECTORY_HEADER) throw broken(CONTRADICTION);
  return { start, end: start + size };
}

function readDirectory(bytes: Buffer, directory: Directory): Entry[] {
  if (directory.count > MAX_ENTRIES) {
    throw tooLarge(`it has more than ${MAX_ENTRIES.toLocaleString("en-GB")} parts`);
  }
  const entries: Entry[] = [];
  let at = directory.start;
  while (at < directory.end) {
    if (at + 46 > directory.end || bytes.readUInt32LE(at) !== DIRECTORY_HEADER) {
      throw broken(CONTRADICTION);
    }
    const nameLength = bytes.readUInt16LE(at + 28);
    const extraLength = bytes.readUInt16LE(at + 30);
    const next = at + 46 + nameLength + extraLength + bytes.readUInt16LE(at + 32);
    if (next > directory.end) throw broken(CONTRADICTION);
    entries.push(readEntry(bytes, at, nameLength, extraLength));
    // The count is 16 bits wide and may have wrapped round.
    if (entries.length > MAX_ENTRIES) {
      throw tooLarge(`it has more than ${MAX_ENTRIES.toLocaleString("en-GB")} parts`);
    }
    at = next;
  }
  if (entries.length !== directory.count) throw broken(CONTRADICTION);
  return entries;
}

function readEntry(bytes: Buffer, at: number, nameLength: number, extraLength: number): Entry {
  const nameEnd = at + 46 + nameLength;
  const extra = bytes.subarray(nameEnd, nameEnd + extraLength);
  // APPNOTE.TXT 4.5.3: the extra field holds, in this order, only what is marked as unknown.
  const sizes = [
    bytes.readUInt32LE(at + 24),
    bytes.readUInt32LE(at + 20),
    bytes.readUInt32LE(at + 42),
  ];
  const wide = sizes.includes(UNKNOWN_32) ? zip64Fields(extra) : [];
  const [size, compressedSize, offset] = sizes.map((value) =>
    value === UNKNOWN_32 ? wide.shift() ?? value : value
  );
  return {
    name: entryName(bytes.subarray(at + 46, nameEnd)),
    flags: bytes.readUInt16LE(at + 8),
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    compressedSize: compressedSize ?? 0,
    size: size ?? 0,
    offset: offset ?? 0,
    nameLength,
  };
}

function zip64Fields(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length;) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === ZIP64_EXTRA) {
      const fields: number[] = [];
      const end = Math.min(at + 4 + length, extra.length);
      for (let field = at + 4; field + 8 <= end; field += 8) {
        fields.push(Number(extra.readBigUInt64LE(field)));
      }
      return fields;
    }
    at += 4 + length;
  }
  return [];
}

function entryName(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
}

function judgeSizes(entries: readonly Entry[]): void {
  let total = 0;
  for (const entry of entries) {
    total += entry.size;
    const { size, compressedSize } = entry;
    if (size > RATIO_JUDGED_FROM && size > compressedSize * MAX_RATIO) {
      throw tooLarge("it unpacks to more than a hundred times its size");
    }
  }
  if (total > MAX_INFLATED_BYTES) throw tooLarge("it unpacks to more than 100 MB");
}

function judgeOverlaps(entries: readonly Entry[], directoryStart: number): void {
  const byOffset = entries.toSorted((a, b) => a.offset - b.offset);
  byOffset.forEach((entry, index) => {
    const next = byOffset[index + 1]?.offset ?? directoryStart;
    if (entry.offset + 30 + entry.nameLength + entry.compressedSize > next) {
      throw broken("parts of the archive overlap");
    }
  });
}
