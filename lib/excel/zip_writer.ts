/** Writes a zip archive piece by piece to a sink, so that memory does not grow with the archive. */
import { Buffer } from "node:buffer";
import { constants, crc32, deflateRawSync } from "node:zlib";
import { Turns } from "../turns.ts";

/** Takes the next bytes of the output; the writer waits for the promise before it goes on. */
export type Sink = (chunk: Uint8Array) => Promise<void>;

interface Entry {
  name: Uint8Array;
  offset: number;
  crc: number;
  compressed: number;
  size: number;
}

const SEGMENT_BYTES = 65_536;
/** Milliseconds: hardly more than a segment takes to compress. */
const SHORT_TURN = 2;
// One less than what the 32-bit fields hold: their highest value means "see the zip64 record".
const MAX_BYTES = 0xffff_fffe;
const MAX_ENTRIES = 0xfffe;
const MAX_NAME_BYTES = 0xffff;
const VERSION = 20;
const DESCRIPTOR_AND_UTF8 = 0x0808;
const DEFLATE = 8;
const DOS_MIDNIGHT = 0;
const DOS_1980_01_01 = 0x21;
const FINAL_EMPTY_BLOCK = new Uint8Array([3, 0]);

/**
 * Writes one archive: `startEntry`, `write` as often as needed, `endEntry`, the next one, `close`.
 *
 * Entries are deflated, named in UTF-8, followed by a data descriptor (APPNOTE 6.3.10, 4.3.9) and
 * dated 1980-01-01, so that equal contents give equal bytes. Each call has to be awaited before the
 * next. Zip64 is not written, as not every reader of workbooks knows it: 65,535 entries or more,
 * and an entry or archive of 4 GiB or more, are refused with a `RangeError`.
 */
export class ZipWriter {
  readonly #sink: Sink;
  readonly #maxBytes: number;
  readonly #entries: Entry[] = [];
  readonly #names = new Set<string>();
  #open: Entry | undefined;
  #closed = false;
  #written = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  // Nobody waits at a page for a workbook that takes minutes to write, and many for what the process answers meanwhile.
  readonly #turns = new Turns(SHORT_TURN);

  /** @param options `maxBytes`: a lower limit for the archive and for each entry, in bytes. */
  constructor(sink: Sink, options: { maxBytes?: number } = {}) {
    this.#sink = sink;
    this.#maxBytes = Math.min(options.maxBytes ?? MAX_BYTES, MAX_BYTES);
  }

  /**
   * Begins an entry.
   * @param name the path with forward slashes
   * @throws {Error} if another entry is open, the name is taken or too long, or the archive closed
   * @throws {RangeError} if the archive holds 65,534 entries already
   */
  async startEntry(name: string): Promise<void> {
    if (this.#closed) throw new Error("The archive is closed.");
    if (this.#open !== undefined) throw new Error("Another entry is still open.");
    if (this.#names.has(name)) throw new Error(`The archive holds "${name}" already.`);
    if (this.#entries.length >= MAX_ENTRIES) {
      throw new RangeError(`An archive holds at most ${MAX_ENTRIES} entries.`);
    }
    const bytes = new TextEncoder().encode(name);
    if (bytes.length > MAX_NAME_BYTES) throw new Error("The name of an entry is too long.");
    const entry = { name: bytes, offset: this.#written, crc: 0, compressed: 0, size: 0 };
    this.#open = entry;
    this.#names.add(name);
    await this.#send(localHeader(entry));
  }

  /**
   * Adds bytes to the open entry. Every 64 KiB, and every call, is compressed by itself, so larger
   * pieces give a smaller archive.
   * @throws {Error} if no entry is open
   * @throws {RangeError} if the entry or the archive grows to 4 GiB
   */
  async write(bytes: Uint8Array): Promise<void> {
    const entry = this.#entry();
    for (let start = 0; start < bytes.length; start += SEGMENT_BYTES) {
      const segment = bytes.subarray(start, start + SEGMENT_BYTES);
      entry.crc = crc32(segment, entry.crc);
      entry.size += segment.length;
      if (entry.size > this.#maxBytes) {
        throw new RangeError("An entry of the archive is too large.");
      }
      // A sync flush ends on a whole byte without a final block, so that segments can be joined
      // (RFC 1951). It costs a little size and spares a stream with events for each entry.
      await this.#sendData(deflateRawSync(segment, { finishFlush: constants.Z_SYNC_FLUSH }));
      // Whoever writes a large workbook awaits little else, and the process has pages to answer.
      if (this.#turns.isOver) await this.#turns.rest();
    }
  }

  /** Ends the open entry. @throws {Error} if none is open */
  async endEntry(): Promise<void> {
    const entry = this.#entry();
    await this.#sendData(FINAL_EMPTY_BLOCK);
    this.#open = undefined;
    this.#entries.push(entry);
    await this.#send(dataDescriptor(entry));
  }

  /** Writes the central directory and the rest. @throws {Error} if an entry is still open */
  async close(): Promise<void> {
    if (this.#closed) throw new Error("The archive is closed.");
    if (this.#open !== undefined) throw new Error("Another entry is still open.");
    this.#closed = true;
    const start = this.#written;
    for (const entry of this.#entries) await this.#send(directoryRecord(entry));
    await this.#send(endRecord(this.#entries.length, start, this.#written - start));
    await this.#flush();
  }

  #entry(): Entry {
    if (this.#open === undefined) throw new Error("No entry is open.");
    return this.#open;
  }

  async #sendData(bytes: Uint8Array): Promise<void> {
    this.#entry().compressed += bytes.length;
    await this.#send(bytes);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    this.#written += bytes.length;
    if (this.#written > this.#maxBytes) throw new RangeError("The archive is too large.");
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= SEGMENT_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    const chunk = Buffer.concat(this.#waiting, this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    await this.#sink(chunk);
  }
}

function localHeader(entry: Entry): Uint8Array {
  const header = Buffer.alloc(30 + entry.name.length);
  header.writeUInt32LE(0x0403_4b50, 0);
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(DESCRIPTOR_AND_UTF8, 6);
  header.writeUInt16LE(DEFLATE, 8);
  header.writeUInt16LE(DOS_MIDNIGHT, 10);
  header.writeUInt16LE(DOS_1980_01_01, 12);
  header.writeUInt16LE(entry.name.length, 26);
  header.set(entry.name, 30);
  return header;
}

function dataDescriptor(entry: Entry): Uint8Array {
  const descriptor = Buffer.alloc(16);
  descriptor.writeUInt32LE(0x0807_4b50, 0);
  descriptor.writeUInt32LE(entry.crc, 4);
  descriptor.writeUInt32LE(entry.compressed, 8);
  descriptor.writeUInt32LE(entry.size, 12);
  return descriptor;
}

function directoryRecord(entry: Entry): Uint8Array {
  const record = Buffer.alloc(46 + entry.name.length);
  record.writeUInt32LE(0x0201_4b50, 0);
  record.writeUInt16LE(VERSION, 4);
  record.writeUInt16LE(VERSION, 6);
  record.writeUInt16LE(DESCRIPTOR_AND_UTF8, 8);
  record.writeUInt16LE(DEFLATE, 10);
  record.writeUInt16LE(DOS_MIDNIGHT, 12);
  record.writeUInt16LE(DOS_1980_01_01, 14);
  record.writeUInt32LE(entry.crc, 16);
  record.writeUInt32LE(entry.compressed, 20);
  record.writeUInt32LE(entry.size, 24);
  record.writeUInt16LE(entry.name.length, 28);
  record.writeUInt32LE(entry.offset, 42);
  record.set(entry.name, 46);
  return record;
}

function endRecord(entries: number, start: number, length: number): Uint8Array {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x0605_4b50, 0);
  record.writeUInt16LE(entries, 8);
  record.writeUInt16LE(entries, 10);
  record.writeUInt32LE(length, 12);
  record.writeUInt32LE(start, 16);
  return record;
}
