// Builds small archives and workbooks by hand, sound ones and such as no honest program writes.

import { Buffer } from "node:buffer";
import { crc32, deflateRawSync } from "node:zlib";

/** One entry of an archive; all but name and content is for odd archives. */
export type Entry = {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly isStored?: boolean;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  /** Inflated size that the directory claims. */
  readonly claimedSize?: number;
  /** Where the directory says the entry is. */
  readonly claimedOffset?: number;
  /** Sizes only after the data, as a stream is written. */
  readonly hasDescriptor?: boolean;
  /** Sizes and offset in the directory's zip64 extra field. */
  readonly isZip64?: boolean;
};

const ZIP64 = 0xffffffff;

function zip64Extra(numbers: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + numbers.length * 8);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(numbers.length * 8, 2);
  numbers.forEach((number, index) => extra.writeBigUInt64LE(BigInt(number), 4 + index * 8));
  return extra;
}

type Written = { readonly local: Buffer; readonly directory: Buffer };

function writeEntry(entry: Entry, offset: number): Written {
  const content = Buffer.from(entry.content);
  const data = entry.isStored === true ? content : deflateRawSync(content);
  const name = Buffer.from(entry.name);
  const crc = entry.crc ?? crc32(content);
  const size = entry.claimedSize ?? content.length;
  const flags = (entry.flags ?? 0x800) | (entry.hasDescriptor === true ? 8 : 0);
  const method = entry.method ?? (entry.isStored === true ? 0 : 8);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(flags, 6);
  head.writeUInt16LE(method, 8);
  const descriptor = Buffer.alloc(entry.hasDescriptor === true ? 16 : 0);
  if (entry.hasDescriptor === true) {
    descriptor.writeUInt32LE(0x08074b50, 0);
    [crc, data.length, size].forEach((value, index) =>
      descriptor.writeUInt32LE(value, 4 + 4 * index)
    );
  } else {
    [crc, data.length, size].forEach((value, index) => head.writeUInt32LE(value, 14 + 4 * index));
  }
  head.writeUInt16LE(name.length, 26);
  const place = entry.claimedOffset ?? offset;
  const isZip64 = entry.isZip64 === true;
  const extra = isZip64 ? zip64Extra([size, data.length, place]) : Buffer.alloc(0);
  const directory = Buffer.alloc(46);
  directory.writeUInt32LE(0x02014b50, 0);
  directory.writeUInt16LE(flags, 8);
  directory.writeUInt16LE(method, 10);
  directory.writeUInt32LE(crc, 16);
  directory.writeUInt32LE(isZip64 ? ZIP64 : data.length, 20);
  directory.writeUInt32LE(isZip64 ? ZIP64 : size, 24);
  directory.writeUInt16LE(name.length, 28);
  directory.writeUInt16LE(extra.length, 30);
  directory.writeUInt32LE(isZip64 ? ZIP64 : place, 42);
  return {
    local: Buffer.concat([head, name, data, descriptor]),
    directory: Buffer.concat([directory, name, extra]),
  };
}

function zip64End(count: number, size: number, start: number): Buffer {
  const end = Buffer.alloc(76);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(size), 40);
  end.writeBigUInt64LE(BigInt(start), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(start + size), 64);
  end.writeUInt32LE(1, 72);
  return end;
}

/** An archive of the entries, in their order, with a zip64 directory if one of them has zip64. */
export function makeZip(entries: readonly Entry[]): Buffer {
  const locals: Buffer[] = [];
  const directories: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, directory } = writeEntry(entry, offset);
    locals.push(local);
    directories.push(directory);
    offset += local.length;
  }
  const directory = Buffer.concat(directories);
  const isZip64 = entries.some((entry) => entry.isZip64 === true);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(isZip64 ? 0xffff : entries.length % 0x10000, 8);
  end.writeUInt16LE(isZip64 ? 0xffff : entries.length % 0x10000, 10);
  end.writeUInt32LE(isZip64 ? ZIP64 : directory.length, 12);
  end.writeUInt32LE(isZip64 ? ZIP64 : offset, 16);
  const wide = isZip64 ? zip64End(entries.length, directory.length, offset) : Buffer.alloc(0);
  return Buffer.concat([...locals, directory, wide, end]);
}

export const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";

/** The parts of a workbook with one sheet, as XML by part name. */
export type Parts = Record<string, string | Uint8Array>;

export type BookOptions = {
  /** What sheetData holds. */
  readonly rows?: string;
  /** What sst holds; no shared strings part if it is missing. */
  readonly strings?: string;
  /** Format codes; cell style 1 has the first one, and so on. */
  readonly formats?: readonly string[];
  /** What sheets holds. */
  readonly sheets?: string;
  readonly workbookPr?: string;
  /** Content type of the main part. */
  readonly type?: string;
};

/** A relationships part; each relationship is id, type and target. */
export function relationships(list: readonly (readonly [string, string, string])[]): string {
  const items = list.map(([id, type, target]) =>
    `<Relationship Id="${id}" Type="${RELATIONSHIPS}/${type}" Target="${target}"/>`
  );
  return `<Relationships xmlns="${PACKAGE}/relationships">${items.join("")}</Relationships>`;
}

export function sheetXml(rows: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>` +
    `<worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData></worksheet>`;
}

function stylesXml(formats: readonly string[]): string {
  const codes = formats.map((code, index) =>
    `<numFmt numFmtId="${164 + index}" formatCode="${escapeXml(code)}"/>`
  );
  const styles = formats.map((_code, index) => `<xf numFmtId="${164 + index}"/>`);
  return `<styleSheet xmlns="${MAIN}"><numFmts>${codes.join("")}</numFmts>` +
    `<cellXfs><xf numFmtId="0"/>${styles.join("")}</cellXfs></styleSheet>`;
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** The parts of a sound workbook, to be changed by a test. */
export function makeParts(options: BookOptions = {}): Parts {
  const { rows = "", strings, formats, sheets, type = WORKBOOK_TYPE } = options;
  const tabs = sheets ?? '<sheet name="Sheet1" sheetId="1" r:id="rId1"/>';
  const parts: Parts = {
    "[Content_Types].xml": `<Types xmlns="${PACKAGE}/content-types">` +
      `<Default Extension="xml" ContentType="application/xml"/>` +
      `<Override PartName="/xl/workbook.xml" ContentType="${type}"/></Types>`,
    "_rels/.rels": relationships([["r", "officeDocument", "xl/workbook.xml"]]),
    "xl/workbook.xml": `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONSHIPS}">` +
      `${options.workbookPr ?? ""}<sheets>${tabs}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relationships([
      ["rId1", "worksheet", "worksheets/sheet1.xml"],
      ["rId2", "worksheet", "worksheets/sheet2.xml"],
      ["rId3", "chartsheet", "chartsheets/sheet1.xml"],
      ["s", "sharedStrings", "sharedStrings.xml"],
      ["f", "styles", "styles.xml"],
    ]),
    "xl/worksheets/sheet1.xml": sheetXml(rows),
  };
  if (strings !== undefined) {
    parts["xl/sharedStrings.xml"] = `<sst xmlns="${MAIN}">${strings}</sst>`;
  }
  if (formats !== undefined) parts["xl/styles.xml"] = stylesXml(formats);
  return parts;
}

/** Parts as an archive, each entry changed as asked for. */
export function packParts(parts: Parts, change: Partial<Entry> = {}): Buffer {
  return makeZip(
    Object.entries(parts).map(([name, content]) => ({ name, content, ...change })),
  );
}

/** A sound workbook. */
export function makeBook(options: BookOptions = {}): Buffer {
  return packParts(makeParts(options));
}
