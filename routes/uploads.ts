// A file that was chosen in a window: why it is refused before it is read, or its bytes.

import { sentenceFor } from "../lib/excel/refusal.ts";
import type { Fields } from "./context.ts";

/** What may be uploaded, and what to do instead with a file that may not. */
export type Accepted = {
  /** In small letters, without the dot. */
  readonly endings: readonly string[];
  readonly megabytes: number;
  /** A sentence for a file with another ending. */
  readonly otherEnding: string;
  /** How an empty file was made, as "Save". */
  readonly verb: string;
  /** A sentence for a file that is too large. */
  readonly tooLarge: string;
};

export type Upload = { readonly name: string; readonly type: string; readonly bytes: Uint8Array };

/** The form's file, or what is wrong with it, in a sentence that says what to do. */
export async function readUpload(form: Fields, accepted: Accepted): Promise<Upload | string> {
  const file = form.file("file");
  if (file === null || file.name === "") return "Choose a file first.";
  const ending = /\.([a-z0-9]+)$/i.exec(file.name)?.[1]?.toLowerCase() ?? "";
  if (!accepted.endings.includes(ending)) {
    const what = sentenceFor(ending) ?? accepted.otherEnding;
    return `${file.name} is not a file that can be read here. ${what}`;
  }
  if (file.size === 0) {
    return `${file.name} is empty. ${accepted.verb} it again, and choose it again.`;
  }
  if (file.size > accepted.megabytes * 1024 * 1024) {
    return `${file.name} is larger than ${accepted.megabytes} MB. ${accepted.tooLarge}`;
  }
  return { name: file.name, type: file.type, bytes: new Uint8Array(await file.arrayBuffer()) };
}
