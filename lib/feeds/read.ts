// Recognises by its content what a feed is, and reads it.

import { readCtf } from "./ctf.ts";
import { CsvSet } from "./csv_set.ts";
import { type Feed, FeedRefusal } from "./feed.ts";
import { readOneRoster } from "./oneroster.ts";
import { readSchoolDataSync } from "./school_data_sync.ts";
import { readSheet } from "./sheets.ts";

/** Largest file that is read, in bytes. */
export const MAX_FEED_BYTES = 30 * 1024 * 1024;

export type FeedOptions = {
  /** The school's date, as 2026-11-24. */
  readonly today: string;
  /** Somebody says that everybody is in it, where the format itself cannot say so. */
  readonly isComplete: boolean;
};

/**
 * Reads a feed of any kind.
 * @throws {FeedRefusal} with a sentence that says what it is, where the fault is, and what to do
 */
export function readFeed(bytes: Uint8Array, name: string, options: FeedOptions): Feed {
  if (bytes.length === 0) throw new FeedRefusal(`${name} is empty. Export it again.`);
  if (bytes.length > MAX_FEED_BYTES) {
    throw new FeedRefusal(`${name} is larger than 30 MB. Send one school at a time.`);
  }
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 400)).replaceAll("\0", "");
  if (/^[^<]{0,8}<(?:\?xml|CTfile|ATfile|!DOCTYPE(?!\s+html))/i.test(head)) {
    return readCtf(bytes, name);
  }
  if (!head.startsWith("PK\x03\x04") || isWorkbook(bytes)) {
    return readSheet(bytes, name, options.isComplete);
  }
  return readPackage(new CsvSet(bytes, name), name, options);
}

/** A workbook is a zip as well; its first entries have names that no package of CSV files has. */
function isWorkbook(bytes: Uint8Array): boolean {
  const text = new TextDecoder("latin1").decode(bytes.subarray(-64 * 1024));
  return /\[Content_Types\]\.xml|mimetypeapplication\/vnd|META-INF\/manifest\.xml/.test(text);
}

function readPackage(set: CsvSet, name: string, options: FeedOptions): Feed {
  if (set.has("student.csv") && set.has("section.csv")) {
    throw new FeedRefusal(
      `${name} is a package of School Data Sync 1 (Student.csv, Section.csv), which knows no contacts. Export School Data Sync 2.1 or OneRoster instead.`,
    );
  }
  if (set.has("manifest.csv")) return readOneRoster(set, options.today);
  const users = set.open("users.csv")?.headings;
  if (users === undefined) {
    throw new FeedRefusal(
      `${name} is neither a OneRoster nor a School Data Sync package: there is no users.csv in it. It holds ${
        set.names().slice(0, 5).join(", ") || "nothing"
      }.`,
    );
  }
  const roles = set.open("roles.csv")?.headings;
  const isSchoolDataSync = set.has("relationships.csv") || set.has("userflags.csv") ||
    users.has("activedirectorymatchid") || roles?.has("sessionsourcedid") === true ||
    (users.has("role") && !users.has("enableduser") && !users.has("agentsourcedids"));
  return isSchoolDataSync
    ? readSchoolDataSync(set, options.today, options.isComplete)
    : readOneRoster(set, options.today);
}
