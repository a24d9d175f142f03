// Reads what a mail server reports about a mail that it could not deliver (RFC 3464), whichever server wrote it.

import PostalMime from "postal-mime";

/** A report about one mail. */
export type BounceReport = {
  /** Of the mail that was reported about, without brackets: "left@right". */
  readonly messageId: string;
  /** failed for good (5.x.x), and not delayed, relayed or delivered. */
  readonly permanent: boolean;
  /** In the server's own words, on one line, with the status in front if they do not say it. */
  readonly words: string;
};

/** Longest words that are kept, in characters. */
const LONGEST = 500;
/** Nested parts are no mail that anybody sends. */
const DEEPEST = 20;

/**
 * Reads a report. The mail is known by its own headers, which reports send back; else by what the server names beside them
 * (X-Original-Message-ID, In-Reply-To).
 * @returns null if it is no delivery report, or names no mail
 */
export async function readBounceReport(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<BounceReport | null> {
  const mail = await PostalMime.parse(bytes, {
    forceRfc822Attachments: true,
    maxNestingDepth: DEEPEST,
  });
  const part = (...types: string[]): string | null => {
    const found = mail.attachments.find((one) => types.includes(one.mimeType));
    if (!found) return null;
    return typeof found.content === "string"
      ? found.content
      : new TextDecoder().decode(found.content);
  };
  const status = part("message/delivery-status", "message/global-delivery-status");
  if (status === null) return null;
  const original = part("message/rfc822", "text/rfc822-headers", "message/global-headers") ?? "";
  // Fields of the report as a whole, then a block for each recipient; ours have one.
  const blocks = status.replaceAll("\r\n", "\n").split(/\n[ \t]*\n/).map(fieldsOf);
  const recipient = blocks.find((fields) => fields.has("action"));
  const [headers = ""] = original.replaceAll("\r\n", "\n").split("\n\n");
  const messageId = idIn(fieldsOf(headers).get("message-id")) ??
    idIn(blocks[0]?.get("x-original-message-id")) ?? idIn(mail.inReplyTo);
  if (recipient === undefined || messageId === null) return null;
  const code = recipient.get("status") ?? "";
  return {
    messageId,
    permanent: recipient.get("action")?.toLowerCase() === "failed" && /^5\.\d+\.\d+/.test(code),
    words: wordsOf(code, recipient.get("diagnostic-code") ?? ""),
  };
}

/** Header fields by their small names; a line that begins with white space goes on with the one before (RFC 5322, 2.2.3). */
function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.replace(/\n[ \t]+/g, " ").split("\n")) {
    const [, name, value] = /^([!-9;-~]+)[ \t]*:(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined && !fields.has(name.toLowerCase())) {
      fields.set(name.toLowerCase(), value.trim());
    }
  }
  return fields;
}

/** "left@right" of "<left@right>". */
function idIn(text: string | undefined): string | null {
  return /<([^<>\s]+@[^<>\s]+)>/.exec(text ?? "")?.[1] ?? null;
}

/** The diagnosis without its type ("smtp;"), and without the codes with which a reply of several lines repeats itself. */
function wordsOf(code: string, diagnosis: string): string {
  const text = diagnosis.replace(/^[a-z0-9-]+\s*;\s*/i, "")
    .replace(/(?<=\S)\s+\d{3}[- ]\d\.\d+\.\d+\s+/g, " ").replace(/^(\d{3})-/, "$1 ")
    .replace(/\s+/g, " ").trim();
  const said = text.includes(code) ? text : `${code} ${text}`.trim();
  return [...said.toWellFormed()].slice(0, LONGEST).join("");
}
