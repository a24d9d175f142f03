// The least that can write a zip archive: one entry at a time, whole, without a check.

import { Buffer } from "node:buffer";
import { crc32, deflateRawSync } from "node:zlib";

/** Writes entries to a sink. */
export class BareZip {
  readonly #sink: (bytes: Uint8Array) => Promise<void>;
  readonly #directory: Uint8Array[] = [];
  #written = 0;

  constructor(sink: (bytes: Uint8Array) => Promise<void>) {
    this.#sink = sink;
  }

  async add(name: string, xml: string): Promise<void> {
    const data = Buffer.from(xml);
    const packed = deflateRawSync(data);
    const entry = Buffer.alloc(46 + name.length);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 6);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(crc32(data), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(data.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(this.#written, 42);
    entry.write(name, 46);
    this.#directory.push(entry);
    const local = Buffer.alloc(30 + name.length);
    local.writeUInt32LE(0x04034b50, 0);
    entry.copy(local, 4, 6, 32);
    local.write(name, 30);
    await this.#sink(local);
    await this.#sink(packed);
    this.#written += local.length + packed.length;
  }

  async close(): Promise<void> {
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(this.#directory.length, 8);
    end.writeUInt16LE(this.#directory.length, 10);
    end.writeUInt32LE(this.#directory.reduce((total, entry) => total + entry.length, 0), 12);
    end.writeUInt32LE(this.#written, 16);
    for (const entry of this.#directory) await this.#sink(entry);
    await this.#sink(end);
  }
}

/** A cell of text at a place such as A1. */
export function bareText(place: string, text: string): string {
  const escaped = text.replace(/[&<]/g, (character) => character === "&" ? "&amp;" : "&lt;");
  return `<c r="${place}" t="inlineStr"><is><t>${escaped}</t></is></c>`;
}
