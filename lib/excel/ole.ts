// Recognises Excel files that are not zip archives: old workbooks and encrypted ones.

import { Buffer } from "node:buffer";

const SIGNATURE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
const DIRECTORY_ENTRY = 128;
const HEADER = 512;

/** Whether the bytes begin as a compound file does (MS-CFB 2.2). */
export function isCompoundFile(bytes: Uint8Array): boolean {
  return SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

/**
 * The names of the streams and storages in a compound file (MS-CFB 2.6.1). All places where an
 * entry may lie are looked at, so that a damaged file still shows what it was.
 */
export function compoundNames(bytes: Uint8Array): Set<string> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const names = new Set<string>();
  for (let at = HEADER; at + DIRECTORY_ENTRY <= buffer.length; at += DIRECTORY_ENTRY) {
    const length = buffer.readUInt16LE(at + 64);
    const type = buffer.readUInt8(at + 66);
    if (length < 4 || length > 64 || length % 2 !== 0 || (type !== 1 && type !== 2)) continue;
    if (buffer.readUInt16LE(at + length - 2) !== 0) continue;
    names.add(buffer.toString("utf16le", at, at + length - 2));
  }
  return names;
}

/** Whether the bytes begin with the first record of a workbook of Excel 2 to 4 or of BIFF5. */
export function isBareWorkbook(bytes: Uint8Array): boolean {
  const [first, version, length, high] = bytes;
  return first === 0x09 && (version === 0 || version === 2 || version === 4 || version === 8) &&
    (length === 4 || length === 6 || length === 8 || length === 16) && high === 0;
}
