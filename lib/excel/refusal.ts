// The reasons why a file is not read, each with a plain sentence for the person who chose the file.

/** What a refused file is, or what is wrong with it. */
export type RefusalKind =
  | "broken"
  | "dtd"
  | "empty"
  | "encrypted"
  | "noSheet"
  | "notWorkbook"
  | "ods"
  | "tooLarge"
  | "tooManyRows"
  | "tooSlow"
  | "xls"
  | "xlsb"
  | "xlsm";

/** Why a file is refused and what to do instead, in plain English. */
export type Refused = { readonly kind: RefusalKind; readonly sentence: string };

/** Thrown inside the reader when a file cannot be read; never leaves `readTable`. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly kind: RefusalKind;
  /** The fault alone, as a clause, where the sentence speaks of a workbook and the file is none. */
  readonly what: string;

  constructor(kind: RefusalKind, sentence: string, what = "it cannot be read") {
    super(sentence);
    this.kind = kind;
    this.what = what;
  }
}

const SAVE_AS_XLSX = "choose Save As, and pick Excel Workbook (.xlsx).";

const SENTENCES = {
  dtd: "This workbook contains a document type declaration, which no spreadsheet program writes " +
    "and which can be used for an attack, so it was not opened. Open it in Excel, " + SAVE_AS_XLSX,
  empty: "This file is empty (0 bytes). Save the workbook again in Excel and choose the new file.",
  encrypted: "This workbook is protected with a password. Open it in Excel, choose File, Info, " +
    "Protect Workbook, Encrypt with Password, empty the password, save it, and choose it again.",
  noSheet: "This workbook has no visible worksheet. Open it in Excel, unhide the sheet with the " +
    "list, save it, and choose it again.",
  ods: "This is an OpenDocument spreadsheet (.ods). Open it in LibreOffice or Excel, " +
    SAVE_AS_XLSX,
  tooSlow:
    "This file took longer than a minute to read, so reading it was stopped. Copy only the " +
    "columns and rows you need into a new workbook and choose that.",
  xls: "This is an old Excel workbook (.xls). Open it in Excel, " + SAVE_AS_XLSX,
  xlsb: "This is an Excel binary workbook (.xlsb). Open it in Excel, " + SAVE_AS_XLSX,
  xlsm: "This is a workbook with macros (.xlsm). Open it in Excel, " + SAVE_AS_XLSX,
} as const;

/** What to do with a file of another kind, by its ending; undefined for an ending that says nothing to us. */
export function sentenceFor(ending: string): string | undefined {
  switch (ending) {
    case "xls":
    case "xlsb":
    case "xlsm":
    case "ods":
      return SENTENCES[ending];
    default:
      return undefined;
  }
}

/** A refusal whose kind says all there is to say. */
export function refusal(kind: keyof typeof SENTENCES): Refusal {
  return new Refusal(kind, SENTENCES[kind]);
}

/**
 * A refusal of a damaged workbook.
 * @param what the fault as a clause, for example "the list of its parts is missing"
 */
export function broken(what: string): Refusal {
  return new Refusal(
    "broken",
    `This workbook is damaged or incomplete: ${what}. ` +
      "Open it in Excel, save it as a new Excel Workbook (.xlsx), and choose the new file.",
    what,
  );
}

/**
 * A refusal of a workbook that is beyond a limit.
 * @param what the excess as a clause, for example "it has more than 10,000 parts"
 */
export function tooLarge(what: string): Refusal {
  return new Refusal(
    "tooLarge",
    `This file is too large to read: ${what}. ` +
      "Copy only the columns and rows you need into a new workbook and choose that.",
    what,
  );
}
