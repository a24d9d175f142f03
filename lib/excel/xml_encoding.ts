// Decodes the bytes of an XML document in the encoding that it is in.

import { broken } from "./refusal.ts";

const LESS = 60;

/**
 * Decodes the bytes of an XML document by byte order mark, by declaration, else as UTF-8
 * (XML 1.0, appendix F).
 * @param part the document's name, for the sentence of a refusal
 * @throws Refusal of kind broken for bytes that are not text in that encoding
 */
export function decodeXml(bytes: Uint8Array, part: string): string {
  try {
    return new TextDecoder(xmlEncoding(bytes), { fatal: true }).decode(bytes);
  } catch {
    throw broken(`its part ${part} is not readable text`);
  }
}

function xmlEncoding(bytes: Uint8Array): string {
  const [first = -1, second = -1] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === LESS && second === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === LESS)) return "utf-16be";
  if (first === 0xef && second === 0xbb) return "utf-8";
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.:-]*)["']/.exec(head)?.[1];
  // A declaration that can be read byte by byte is not UTF-16, whatever it says.
  return declared === undefined || /^utf-?16/i.test(declared) ? "utf-8" : declared;
}
