// The XML of a workbook that is written: what its looks and formats are, escaping, and every part beside its sheets.

export const XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
export const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml";

const FONTS = [
  { marks: "" },
  { marks: "<b/>" },
  { marks: "", color: "FF1E4620" },
  { marks: "", color: "FF5C4400" },
  { marks: "", color: "FF7A1620" },
  { marks: "<i/>", color: "FF595959" },
  { marks: "<u/>", color: "FF0563C1" },
];
// The format reserves fills 0 and 1 for these two (Excel ignores others in their place).
const FILLS = [
  '<patternFill patternType="none"/>',
  '<patternFill patternType="gray125"/>',
  solidFill("FFE7ECEF"),
  solidFill("FFE2F0D9"),
  solidFill("FFFFF2CC"),
  solidFill("FFF8D7DA"),
];
const LOOKS = {
  plain: { index: 0, font: 0, fill: 0, border: 0, wrap: false },
  wrap: { index: 1, font: 0, fill: 0, border: 0, wrap: true },
  header: { index: 2, font: 1, fill: 2, border: 1, wrap: true },
  good: { index: 3, font: 2, fill: 3, border: 0, wrap: true },
  warning: { index: 4, font: 3, fill: 4, border: 0, wrap: true },
  error: { index: 5, font: 4, fill: 5, border: 0, wrap: true },
  muted: { index: 6, font: 5, fill: 0, border: 0, wrap: true },
  link: { index: 7, font: 6, fill: 0, border: 0, wrap: false },
};

// Text has the format "Text", so that Excel does not turn 0042 or =1+1 into a number or a formula
// when the cell is edited. quotePrefix says the same of text that looks like a formula, for when
// the format is changed.
const FORMATS = [
  'numFmtId="0"',
  'numFmtId="49" applyNumberFormat="1"',
  'numFmtId="49" applyNumberFormat="1" quotePrefix="1"',
  'numFmtId="164" applyNumberFormat="1"',
  'numFmtId="165" applyNumberFormat="1"',
  'numFmtId="166" applyNumberFormat="1"',
];
export const GENERAL = 0;
export const TEXT = 1;
export const QUOTED_TEXT = 2;
export const DATE = 3;
export const DATE_TIME = 4;
export const TIME = 5;
export const KIND_FORMATS = {
  general: GENERAL,
  text: TEXT,
  date: DATE,
  dateTime: DATE_TIME,
  time: TIME,
};

// [^\P{Cc}\t\n\u007f-\u009f] is U+0000 to U+001F but tab and line feed: XML 1.0 cannot hold these,
// but for carriage return, which it would read as a line feed.
const NEEDS_ESCAPE = /[&<>"_\ufffe\uffff]|[^\P{Cc}\t\n\u007f-\u009f]/u;
const ESCAPED = new RegExp(
  /[&<>"\ufffe\uffff]|[^\P{Cc}\t\n\u007f-\u009f]/u.source +
    // The underscore of a literal _xHHHH_, also where escaping what follows would complete it.
    /|_(?=x[0-9A-Fa-f]{4}(?:[_\ufffe\uffff]|[^\P{Cc}\t\n\u007f-\u009f]))/u.source,
  "gu",
);
const ENTITIES = new Map([["&", "&amp;"], ["<", "&lt;"], [">", "&gt;"], ['"', "&quot;"]]);

// Lone surrogates need nothing here: TextEncoder writes them as U+FFFD.
export function escapeText(text: string): string {
  return NEEDS_ESCAPE.test(text) ? text.replaceAll(ESCAPED, escapeCharacter) : text;
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return ENTITIES.get(character) ?? `_x${code}_`;
}

export function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}

export function quoteName(name: string): string {
  return `'${name.replaceAll("'", "''")}'`;
}

/** What the workbook says of a sheet. */
export interface ListedSheet {
  readonly name: string;
  readonly active: boolean;
  /** The names that the workbook has to define for it, whose index counts from 0. */
  definedNames(index: number): string;
}

/** Parts that list every sheet come in pieces: there may be ten thousand. */
export function* workbookXml(sheets: readonly ListedSheet[]): Generator<string> {
  const active = Math.max(0, sheets.findIndex((sheet) => sheet.active));
  yield `${XML_HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE_RELATIONS}">` +
    `<bookViews><workbookView firstSheet="${active}" activeTab="${active}"/></bookViews><sheets>`;
  for (const [index, { name }] of sheets.entries()) {
    yield `<sheet name="${escapeText(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`;
  }
  yield "</sheets>";
  let some = false;
  for (const [index, sheet] of sheets.entries()) {
    const names = sheet.definedNames(index);
    if (names === "") continue;
    yield some ? names : `<definedNames>${names}`;
    some = true;
  }
  yield some ? "</definedNames></workbook>" : "</workbook>";
}

export function* workbookRelations(sheets: number): Generator<string> {
  yield `${XML_HEAD}<Relationships xmlns="${PACKAGE}/relationships">`;
  for (let number = 1; number <= sheets; number++) {
    yield `<Relationship Id="rId${number}" Type="${OFFICE_RELATIONS}/worksheet"` +
      ` Target="worksheets/sheet${number}.xml"/>`;
  }
  yield `<Relationship Id="rId${
    sheets + 1
  }" Type="${OFFICE_RELATIONS}/styles" Target="styles.xml"/>` +
    "</Relationships>";
}

export function* contentTypes(sheets: number): Generator<string> {
  yield `${XML_HEAD}<Types xmlns="${PACKAGE}/content-types">` +
    '<Default Extension="rels"' +
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    '<Default Extension="xml" ContentType="application/xml"/>' +
    `<Override PartName="/xl/workbook.xml" ContentType="${CONTENT}.sheet.main+xml"/>` +
    `<Override PartName="/xl/styles.xml" ContentType="${CONTENT}.styles+xml"/>` +
    '<Override PartName="/docProps/core.xml"' +
    ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>';
  for (let number = 1; number <= sheets; number++) {
    yield `<Override PartName="/xl/worksheets/sheet${number}.xml"` +
      ` ContentType="${CONTENT}.worksheet+xml"/>`;
  }
  yield "</Types>";
}

export function packageRelations(): string {
  return `${XML_HEAD}<Relationships xmlns="${PACKAGE}/relationships">` +
    `<Relationship Id="rId1" Type="${OFFICE_RELATIONS}/officeDocument" Target="xl/workbook.xml"/>` +
    `<Relationship Id="rId2" Type="${PACKAGE}/relationships/metadata/core-properties"` +
    ' Target="docProps/core.xml"/></Relationships>';
}

export function coreProperties(title: string): string {
  return `${XML_HEAD}<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties"` +
    ` xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${escapeText(title)}</dc:title>` +
    "</cp:coreProperties>";
}

/** The index, in the table that `stylesXml` writes, of a look with a format. */
/** How a cell looks. */
export type Look = keyof typeof LOOKS;

export function styleIndex(look: Look, format: number): number {
  return LOOKS[look].index * FORMATS.length + format;
}

export function stylesXml(): string {
  const fonts = FONTS.map(({ marks, color }) =>
    `<font>${marks}<sz val="11"/>${color === undefined ? "" : `<color rgb="${color}"/>`}` +
    '<name val="Calibri"/></font>'
  );
  const fills = FILLS.map((fill) => `<fill>${fill}</fill>`);
  const cells = Object.values(LOOKS).flatMap((look) =>
    FORMATS.map((format) =>
      `<xf ${format} fontId="${look.font}" fillId="${look.fill}" borderId="${look.border}"` +
      ' xfId="0" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">' +
      `<alignment vertical="top"${look.wrap ? ' wrapText="1"' : ""}/></xf>`
    )
  );
  return `${XML_HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="3">` +
    '<numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>' +
    '<numFmt numFmtId="165" formatCode="dd/mm/yyyy hh:mm:ss"/>' +
    '<numFmt numFmtId="166" formatCode="hh:mm:ss"/></numFmts>' +
    `<fonts count="${fonts.length}">${fonts.join("")}</fonts>` +
    `<fills count="${fills.length}">${fills.join("")}</fills>` +
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>' +
    '<border><left/><right/><top/><bottom style="thin"><color rgb="FF7F7F7F"/></bottom>' +
    "<diagonal/></border></borders>" +
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
    `<cellXfs count="${cells.length}">${cells.join("")}</cellXfs>` +
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>' +
    "</styleSheet>";
}

function solidFill(color: string): string {
  return `<patternFill patternType="solid"><fgColor rgb="${color}"/></patternFill>`;
}
