/** Checks that the zip writer's archives are what readers expect, and that limits are refused. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { crc32, inflateRawSync } from "node:zlib";
import { ZipWriter } from "../../../lib/excel/zip_writer.ts";

interface Archive {
  writer: ZipWriter;
  chunks: Uint8Array[];
}

function newArchive(options: { maxBytes?: number } = {}): Archive {
  const chunks: Uint8Array[] = [];
  const writer = new ZipWriter((chunk) => {
    chunks.push(chunk);
    return Promise.resolve();
  }, options);
  return { writer, chunks };
}

async function addEntry(writer: ZipWriter, name: string, pieces: Uint8Array[]): Promise<void> {
  await writer.startEntry(name);
  for (const piece of pieces) await writer.write(piece);
  await writer.endEntry();
}

/** Reads an archive by its central directory, checking each local header and descriptor. */
function readArchive(chunks: Uint8Array[]): Map<string, Buffer> {
  const bytes = Buffer.concat(chunks);
  const end = bytes.length - 22;
  assert.equal(bytes.readUInt32LE(end), 0x06054b50);
  const files = new Map<string, Buffer>();
  let at = bytes.readUInt32LE(end + 16);
  assert.equal(at + bytes.readUInt32LE(end + 12), end);
  for (let entry = 0; entry < bytes.readUInt16LE(end + 10); entry++) {
    assert.equal(bytes.readUInt32LE(at), 0x02014b50);
    const [crc, compressed, size] = [16, 20, 24].map((offset) => bytes.readUInt32LE(at + offset));
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    const local = bytes.readUInt32LE(at + 42);
    assert.equal(bytes.readUInt32LE(local), 0x04034b50);
    assert.equal(bytes.readUInt16LE(local + 6), 0x0808, "data descriptor and UTF-8 names");
    assert.equal(bytes.toString("utf8", local + 30, local + 30 + nameLength), name);
    const start = local + 30 + nameLength;
    assert(compressed !== undefined);
    const descriptor = start + compressed;
    assert.equal(bytes.readUInt32LE(descriptor), 0x08074b50);
    assert.deepEqual(
      [4, 8, 12].map((offset) => bytes.readUInt32LE(descriptor + offset)),
      [crc, compressed, size],
    );
    const data = inflateRawSync(bytes.subarray(start, descriptor));
    assert.equal(data.length, size);
    assert.equal(crc32(data), crc);
    files.set(name, data);
    at += 46 + nameLength;
  }
  assert.equal(at, end);
  return files;
}

function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state & 255;
  });
}

describe("ZipWriter", () => {
  it("writes entries that are empty, small, in pieces and larger than a segment", async () => {
    const { writer, chunks } = newArchive();
    const large = noise(200_001);
    await addEntry(writer, "empty", []);
    await addEntry(writer, "folder/Zoë 日本 😀.txt", [Buffer.from("hello, "), Buffer.from("you")]);
    await addEntry(writer, "large", [large]);
    await writer.close();
    const files = readArchive(chunks);
    assert.deepEqual([...files.keys()], ["empty", "folder/Zoë 日本 😀.txt", "large"]);
    assert.equal(files.get("empty")?.length, 0);
    assert.equal(files.get("folder/Zoë 日本 😀.txt")?.toString(), "hello, you");
    assert.deepEqual(files.get("large"), Buffer.from(large));
  });

  it("writes an archive without entries", async () => {
    const { writer, chunks } = newArchive();
    await writer.close();
    assert.equal(readArchive(chunks).size, 0);
  });

  it("gives equal bytes for equal contents", async () => {
    const [one, two] = [newArchive(), newArchive()];
    for (const { writer } of [one, two]) {
      await addEntry(writer, "a", [noise(1_000)]);
      await writer.close();
    }
    assert.deepEqual(Buffer.concat(one.chunks), Buffer.concat(two.chunks));
  });

  it("waits for the sink", async () => {
    let busy = 0;
    let most = 0;
    const writer = new ZipWriter(async () => {
      most = Math.max(most, ++busy);
      await new Promise((resolve) => setTimeout(resolve, 1));
      busy--;
    });
    await addEntry(writer, "noise", [noise(500_000)]);
    assert.equal(busy, 0);
    await writer.close();
    assert.equal(most, 1);
  });

  it("hands on what the sink throws", async () => {
    const writer = new ZipWriter(() => Promise.reject(new Error("disk full")));
    await assert.rejects(addEntry(writer, "noise", [noise(500_000)]), /disk full/);
  });

  it("refuses an entry or archive over its limit", async () => {
    const zeros = newArchive({ maxBytes: 1_000 }).writer;
    await zeros.startEntry("zeros");
    await assert.rejects(zeros.write(new Uint8Array(1_001)), RangeError);
    const { writer } = newArchive({ maxBytes: 1_000 });
    await addEntry(writer, "one", [noise(700)]);
    await assert.rejects(addEntry(writer, "two", [noise(700)]), RangeError);
  });

  it("refuses more entries than the directory can count", async () => {
    const { writer, chunks } = newArchive();
    for (let entry = 0; entry < 65_534; entry++) await addEntry(writer, String(entry), []);
    await assert.rejects(writer.startEntry("one more"), RangeError);
    await writer.close();
    assert.equal(readArchive(chunks).size, 65_534);
  });

  it("refuses calls out of order", async () => {
    const { writer } = newArchive();
    await assert.rejects(writer.write(noise(1)), /No entry/);
    await assert.rejects(writer.endEntry(), /No entry/);
    await writer.startEntry("a");
    await assert.rejects(writer.startEntry("b"), /still open/);
    await assert.rejects(writer.close(), /still open/);
    await writer.endEntry();
    await assert.rejects(writer.startEntry("a"), /already/);
    await writer.close();
    await assert.rejects(writer.startEntry("c"), /closed/);
    await assert.rejects(writer.close(), /closed/);
  });
});
