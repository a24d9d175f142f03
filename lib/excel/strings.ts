// Reads texts of a workbook: shared strings, inline strings and the escapes in both.

import { openRoot } from "./package.ts";
import type { XmlReader } from "./xml.ts";

/** Decodes _xHHHH_ as the UTF-16 unit it stands for (ECMA-376 part 1, 22.9.2.19). */
export function decodeEscapes(text: string): string {
  return text.includes("_x")
    ? text.replace(
      /_x([0-9A-Fa-f]{4})_/g,
      (_match, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)),
    )
    : text;
}

/**
 * The text of the string item (si or is) that was just opened, up to its close: of its runs, but
 * not of phonetic guides (ECMA-376 part 1, 18.4.8). Blanks are kept with and without xml:space.
 */
export function readStringItem(reader: XmlReader): string {
  const outside = reader.depth - 1;
  const { namespace } = reader;
  let text = "";
  for (;;) {
    const event = reader.next();
    if (event === "close" && reader.depth === outside) return decodeEscapes(text);
    if (event !== "open") continue;
    if (reader.namespace !== namespace) reader.passOver();
    else if (reader.name === "t") text += reader.readText();
    else if (reader.name !== "r") reader.passOver();
  }
}

/** All shared strings by index (ECMA-376 part 1, 18.4.9); the declared counts do not matter. */
export function readSharedStrings(reader: XmlReader): string[] {
  const strings: string[] = [];
  openRoot(reader, "sst");
  const { namespace } = reader;
  for (let event = reader.next(); event !== "end"; event = reader.next()) {
    if (event !== "open") continue;
    if (reader.name === "si" && reader.namespace === namespace) {
      strings.push(readStringItem(reader));
    } else {
      reader.passOver();
    }
  }
  return strings;
}
