// The mail part of doctor: who the mails come from, whether the mail server lets us in, and, if wanted, a mail that tries it.

import { resolveMx } from "node:dns/promises";
import { type Config, originOf } from "../config.ts";
import { type Mailer, type MailOutcome, openMailer } from "../lib/mail.ts";
import type { Finding } from "./doctor.ts";

/** Milliseconds that the mail server may be silent. */
const PATIENCE = 10_000;
/** Names that no mail server can have (RFC 2606, RFC 6761). */
const RESERVED = /(^|\.)(example|test|invalid|localhost|local|example\.(com|net|org))$/i;

/**
 * Looks at the sender and the mail server, without sending anything.
 * @param address where to send a mail to try it; none is sent if it is left out
 */
export async function checkMail(config: Config, address?: string): Promise<Finding[]> {
  if (config.smtpUrl === undefined) {
    return [mail("look at this", "SMTP_URL is not set, so nothing can be mailed")];
  }
  const url = new URL(config.smtpUrl);
  const where = `${url.hostname}:${url.port || (url.protocol === "smtps:" ? 465 : 587)}`;
  const mailer = openMailer({
    url: config.smtpUrl,
    from: { address: config.mailFrom, name: config.schoolName },
    connections: 1,
    patience: PATIENCE,
  });
  try {
    return [
      await checkSender(config.mailFrom),
      reached(where, await mailer.check()),
      ...(address === undefined ? [] : [await sendTrial(mailer, config, address)]),
    ];
  } finally {
    mailer.close();
  }
}

/** Whether answers and bounces could come back to the sender. MAIL_FROM is an address: config.ts has looked. */
async function checkSender(from: string): Promise<Finding> {
  const domain = from.split("@").at(-1) ?? "";
  if (RESERVED.test(domain)) {
    return sender("look at this", `MAIL_FROM is ${from}, which nobody can answer. Set it.`);
  }
  const found = await resolveMx(domain).catch(() => []);
  return found.length > 0 ? sender("well", `Mails come from ${from}`) : sender(
    "look at this",
    `No mail server of ${domain} was found (MX), so answers to ${from} and bounces may go nowhere`,
  );
}

function reached(where: string, { state, answer }: MailOutcome): Finding {
  return state === "accepted"
    ? mail("well", `${where} answers and lets us in`)
    : mail("wrong", `${where} cannot be used: ${answer}. Check SMTP_URL.`);
}

/** Sends a mail that says nothing secret, and tells what the server said. */
async function sendTrial(mailer: Mailer, config: Config, address: string): Promise<Finding> {
  if (!/^[^\s@<>"(),]+@[^\s@<>"(),]+$/.test(address)) {
    return trial("wrong", `“${address}” is not one address`);
  }
  const said =
    `This mail was sent by “doctor --mail” of ${originOf(config)}, to see whether mails ` +
    "get out. There is nothing to do.";
  const { state, answer } = await mailer.send({
    to: address,
    id: crypto.randomUUID(),
    subject: `A mail to try the mail server of ${config.schoolName}`,
    text: `${said}\n`,
    html: `<!doctype html><html lang="en-GB"><head><title>Trial</title></head><body><p>${
      escaped(said)
    }</p></body></html>`,
  });
  return state === "accepted"
    ? trial("well", `The mail to ${address} was accepted: ${answer}`)
    : trial("wrong", `The mail to ${address} was ${WORDS[state]}: ${answer}`);
}

const WORDS: Readonly<Record<Exclude<MailOutcome["state"], "accepted">, string>> = {
  deferred: "put off",
  refused: "refused",
  unknown: "perhaps sent, perhaps not",
};

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function mail(state: Finding["state"], sentence: string): Finding {
  return { name: "mail", state, sentence };
}

function sender(state: Finding["state"], sentence: string): Finding {
  return { name: "sender", state, sentence };
}

function trial(state: Finding["state"], sentence: string): Finding {
  return { name: "trial", state, sentence };
}
