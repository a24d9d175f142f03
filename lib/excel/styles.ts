// Reads the number formats that the cells of a workbook refer to.

import { builtInFormat, type NumberFormat, numberFormat } from "./formats.ts";
import { openRoot } from "./package.ts";
import { decodeEscapes } from "./strings.ts";
import type { XmlReader } from "./xml.ts";

/** The number formats of a workbook by cell style. */
export class Styles {
  readonly #formatIds: readonly number[];
  readonly #codes: ReadonlyMap<number, string>;
  readonly #date1904: boolean;
  readonly #formats = new Map<number, NumberFormat>();

  /**
   * @param formatIds number format of each cell style (cellXfs)
   * @param codes format codes by id, where the workbook gives them
   */
  constructor(
    formatIds: readonly number[],
    codes: ReadonlyMap<number, string>,
    date1904: boolean,
  ) {
    this.#formatIds = formatIds;
    this.#codes = codes;
    this.#date1904 = date1904;
  }

  /** The number format of a cell style; General for one that does not exist. */
  format(style: number): NumberFormat {
    const id = this.#formatIds[style] ?? 0;
    let format = this.#formats.get(id);
    if (format === undefined) {
      format = numberFormat(this.#codes.get(id) ?? builtInFormat(id), this.#date1904);
      this.#formats.set(id, format);
    }
    return format;
  }
}

/**
 * Reads numFmts and cellXfs of the styles part (ECMA-376 part 1, 18.8.31 and 18.8.10).
 * @param reader of the part, undefined if the workbook has none
 */
export function readStyles(reader: XmlReader | undefined, date1904: boolean): Styles {
  const codes = new Map<number, string>();
  const formatIds: number[] = [];
  if (reader === undefined) return new Styles(formatIds, codes, date1904);
  openRoot(reader, "styleSheet");
  const { namespace } = reader;
  let list = "";
  for (let event = reader.next(); event !== "end"; event = reader.next()) {
    if (event !== "open") continue;
    if (reader.namespace !== namespace) reader.passOver();
    else if (reader.depth === 2) {
      list = reader.name;
    } else if (list === "numFmts" && reader.name === "numFmt") {
      const code = reader.attribute("formatCode");
      if (code !== undefined) {
        codes.set(Number(reader.attribute("numFmtId")), decodeEscapes(code));
      }
    } else if (list === "cellXfs" && reader.name === "xf" && reader.depth === 3) {
      formatIds.push(Number(reader.attribute("numFmtId") ?? 0));
    }
  }
  return new Styles(formatIds, codes, date1904);
}
