// Finds the parts of an Office Open XML package: content types and relationships.

import { broken, Refusal, refusal } from "./refusal.ts";
import { XmlReader } from "./xml.ts";
import { decodeXml } from "./xml_encoding.ts";
import type { ZipArchive } from "./zip.ts";

/** A relationship inside the package. */
export type Relationship = {
  readonly id: string;
  /** Last segment of the type, which the transitional and the strict namespace share. */
  readonly type: string;
  /** Name of the part it leads to. */
  readonly target: string;
};

/** How far into a part a document type declaration is looked for (bytes, compressed). */
const HEAD_LENGTH = 512;
const CONTENT_TYPES = "[Content_Types].xml";

/** Opens a part for reading, or undefined if the package has none of that name. */
export function openPart(zip: ZipArchive, name: string): XmlReader | undefined {
  const bytes = zip.read(name);
  return bytes === undefined ? undefined : new XmlReader(decodeXml(bytes, name), name);
}

/**
 * Opens a part that the workbook cannot do without.
 * @throws Refusal of kind broken if it is missing
 */
export function openNeededPart(zip: ZipArchive, name: string): XmlReader {
  const reader = openPart(zip, name);
  if (reader === undefined) throw broken(`its part ${name} is missing`);
  return reader;
}

/**
 * Opens the root element.
 * @throws Refusal of kind broken if it has another name
 */
export function openRoot(reader: XmlReader, name: string): void {
  const event = reader.next();
  if (event !== "open" || reader.name !== name) {
    throw broken(`one of its parts does not hold the ${name} it should`);
  }
}

/**
 * Resolves a relationship's target (ECMA-376 part 2, 6.4 and RFC 3986, 5.2.4).
 * @param base name of the part that holds the relationship, "" for the package itself
 */
function resolveTarget(base: string, target: string): string {
  const path = target.replaceAll("\\", "/").replace(/#.*$/, "");
  const segments = path.startsWith("/") ? [] : base.split("/").slice(0, -1);
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "." && segment !== "") segments.push(segment);
  }
  return segments.join("/");
}

/**
 * The relationships of a part to other parts of the package, in the file's order.
 * @param source name of the part, "" for the package itself
 * @throws Refusal of kind broken if there are none
 */
export function readRelationships(zip: ZipArchive, source: string): Relationship[] {
  const slash = source.lastIndexOf("/") + 1;
  const name = `${source.slice(0, slash)}_rels/${source.slice(slash)}.rels`;
  const reader = openNeededPart(zip, name);
  const found: Relationship[] = [];
  openRoot(reader, "Relationships");
  for (let event = reader.next(); event !== "end"; event = reader.next()) {
    if (event !== "open" || reader.name !== "Relationship") continue;
    const target = reader.attribute("Target");
    if (target === undefined || reader.attribute("TargetMode") === "External") continue;
    const type = reader.attribute("Type") ?? "";
    found.push({
      id: reader.attribute("Id") ?? "",
      type: type.slice(type.lastIndexOf("/") + 1),
      target: resolveTarget(source, target),
    });
  }
  return found;
}

/** The content type of a part (ECMA-376 part 2, 7.2.3), lower case; "" if it is not given. */
function contentType(zip: ZipArchive, part: string): string {
  const reader = openNeededPart(zip, CONTENT_TYPES);
  const name = part.toLowerCase();
  let byExtension = "";
  let byName: string | undefined;
  openRoot(reader, "Types");
  for (let event = reader.next(); event !== "end"; event = reader.next()) {
    if (event !== "open") continue;
    const type = (reader.attribute("ContentType") ?? "").toLowerCase();
    if (reader.name === "Override") {
      const partName = resolveTarget("", reader.attribute("PartName") ?? "").toLowerCase();
      if (partName === name) byName = type;
    } else if (reader.name === "Default") {
      const extension = (reader.attribute("Extension") ?? "").toLowerCase();
      if (name.endsWith(`.${extension}`)) byExtension = type;
    }
  }
  return byName ?? byExtension;
}

const MACRO_EXTENSIONS = ["xlam", "xlsm", "xltm"];

/**
 * Refuses what is another kind of file already by its names and heads, however large it is.
 * @param extension of the file's name, lower case, without the dot
 * @throws Refusal that names the kind
 */
export function refuseOtherKinds(zip: ZipArchive, extension: string): void {
  refuseOpenDocument(zip);
  if (MACRO_EXTENSIONS.includes(extension)) throw refusal("xlsm");
  if (zip.has("xl/workbook.bin") && !zip.has("xl/workbook.xml")) throw refusal("xlsb");
}

/**
 * Finds the main part of a workbook.
 * @throws Refusal that names the kind if the archive is something else than a workbook without
 *   macros
 */
export function findWorkbookPart(zip: ZipArchive): string {
  if (!zip.has(CONTENT_TYPES)) {
    throw broken("it is not a workbook, or the list of its parts is missing");
  }
  const names = zip.names();
  refuseDocumentTypes(zip, names);
  const main = readRelationships(zip, "").find(({ type }) => type === "officeDocument");
  if (main === undefined) throw broken("it does not say which part is the workbook");
  refuseOtherMainPart(contentType(zip, main.target), main.target);
  if (names.some((name) => name.endsWith("/vbaproject.bin"))) throw refusal("xlsm");
  return main.target;
}

function refuseOtherMainPart(type: string, name: string): void {
  if (type.includes("ms-excel.sheet.binary") || name.endsWith(".bin")) throw refusal("xlsb");
  if (/ms-excel\.(?:sheet|template|addin)\.macroenabled/.test(type)) throw refusal("xlsm");
  if (/wordprocessingml|ms-word/.test(type)) throw notWorkbook("a Word document");
  if (/presentationml|ms-powerpoint/.test(type)) throw notWorkbook("a PowerPoint presentation");
}

function notWorkbook(what: string): Refusal {
  return new Refusal(
    "notWorkbook",
    `This file is ${what}, not a workbook. Choose an Excel Workbook (.xlsx) or a CSV file (.csv).`,
  );
}

/** OpenDocument 1.3 part 2, 3.3: the entry mimetype says what the package is. */
function refuseOpenDocument(zip: ZipArchive): void {
  const mimeType = zip.head("mimetype", 200).toString("latin1");
  if (mimeType.includes("opendocument.spreadsheet")) throw refusal("ods");
  if (mimeType.includes("opendocument")) throw notWorkbook("another kind of OpenDocument file");
  if (zip.has("META-INF/manifest.xml") && zip.has("content.xml")) throw refusal("ods");
}

/** A document type is refused even in parts which are not read: no honest workbook has one. */
function refuseDocumentTypes(zip: ZipArchive, names: readonly string[]): void {
  for (const name of names) {
    if (!name.endsWith(".xml") && !name.endsWith(".rels")) continue;
    const head = zip.head(name, HEAD_LENGTH).toString("latin1").replaceAll("\0", "");
    const first = /<(?:[A-Za-z_]|!DOCTYPE)/i.exec(head)?.[0];
    if (first?.startsWith("<!") === true) throw refusal("dtd");
  }
}
