// Reads one sheet of an .xlsx workbook from its bytes.

import {
  findWorkbookPart,
  openNeededPart,
  openPart,
  openRoot,
  readRelationships,
  refuseOtherKinds,
  type Relationship,
} from "./package.ts";
import type { TakeRows } from "./limits.ts";
import { broken, refusal } from "./refusal.ts";
import { readSheet } from "./sheet.ts";
import { decodeEscapes, readSharedStrings } from "./strings.ts";
import { readStyles } from "./styles.ts";
import type { Sheet, Table } from "./table.ts";
import type { XmlReader } from "./xml.ts";
import { ZipArchive } from "./zip.ts";

type ListedSheet = Sheet & { readonly part: string | undefined };
type Workbook = { readonly sheets: readonly ListedSheet[]; readonly date1904: boolean };

/**
 * Reads the first visible worksheet, or the visible one with the preferred name, ignoring case.
 * @param extension of the file's name, lower case, without the dot
 * @throws Refusal if the bytes are not a sound workbook within the limits
 */
export function readWorkbook(
  bytes: Uint8Array,
  extension: string,
  preferredSheet?: string,
  take?: TakeRows,
): Table {
  const zip = new ZipArchive(bytes, (unjudged) => refuseOtherKinds(unjudged, extension));
  const main = findWorkbookPart(zip);
  const relationships = readRelationships(zip, main);
  const { sheets, date1904 } = readSheetList(openNeededPart(zip, main), relationships);
  const chosen = chooseSheet(sheets, preferredSheet);
  if (chosen.part === undefined) throw broken(`the sheet ${chosen.name} is missing`);
  const styles = partOfType(relationships, "styles");
  const strings = partOfType(relationships, "sharedStrings");
  const stringsReader = strings === undefined ? undefined : openPart(zip, strings);
  const book = {
    date1904,
    styles: readStyles(styles === undefined ? undefined : openPart(zip, styles), date1904),
    strings: stringsReader === undefined ? undefined : readSharedStrings(stringsReader),
  };
  return {
    sheet: chosen.name,
    sheets: sheets.map(({ name, state, kind }) => ({ name, state, kind })),
    rows: readSheet(openNeededPart(zip, chosen.part), book, take),
  };
}

function partOfType(relationships: readonly Relationship[], type: string): string | undefined {
  return relationships.find((relationship) => relationship.type === type)?.target;
}

/** Reads workbookPr and sheets of the workbook part (ECMA-376 part 1, 18.2.28 and 18.2.20). */
function readSheetList(reader: XmlReader, relationships: readonly Relationship[]): Workbook {
  const byId = new Map(relationships.map((relationship) => [relationship.id, relationship]));
  const sheets: ListedSheet[] = [];
  let date1904 = false;
  openRoot(reader, "workbook");
  const { namespace } = reader;
  for (let event = reader.next(); event !== "end"; event = reader.next()) {
    if (event !== "open") continue;
    if (reader.namespace !== namespace) reader.passOver();
    else if (reader.name === "workbookPr") date1904 = isTrue(reader.attribute("date1904"));
    else if (reader.name === "sheet") sheets.push(listedSheet(reader, byId));
    else if (reader.name !== "sheets") reader.passOver();
  }
  if (sheets.length === 0) throw broken("it names no sheets");
  return { sheets, date1904 };
}

function isTrue(value: string | undefined): boolean {
  return value === "1" || value === "true" || value === "on";
}

function listedSheet(reader: XmlReader, byId: ReadonlyMap<string, Relationship>): ListedSheet {
  const state = reader.attribute("state");
  const id = reader.attributeIn("/relationships", "id") ?? "";
  const relationship = byId.get(id);
  return {
    name: decodeEscapes(reader.attribute("name") ?? ""),
    state: state === "hidden" || state === "veryHidden" ? state : "visible",
    kind: sheetKind(relationship?.type),
    part: relationship?.target,
  };
}

function sheetKind(type: string | undefined): Sheet["kind"] {
  if (type === "chartsheet" || type === "dialogsheet") return type;
  return type === "xlMacrosheet" || type === "xlIntlMacrosheet" ? "macrosheet" : "worksheet";
}

function chooseSheet(sheets: readonly ListedSheet[], preferredSheet?: string): ListedSheet {
  const eligible = sheets.filter(({ state, kind }) => state === "visible" && kind === "worksheet");
  const wanted = preferredSheet?.trim().toLowerCase();
  const chosen = eligible.find(({ name }) => name.trim().toLowerCase() === wanted) ?? eligible[0];
  if (chosen === undefined) throw refusal("noSheet");
  return chosen;
}
