// Six digits from an authenticator app: RFC 6238 with what every app knows (SHA-1, 30 seconds, 6 digits). And the codes on
// paper for whoever has lost the telephone.

import { generateSync, generateURI, verifySync } from "otplib";

/** Seconds for which one code is shown (RFC 6238, 4.1: X). */
const PERIOD = 30;
/** Bytes of a secret: the length of the hash (RFC 4226, 4: R6 recommends 160 bits). */
export const SECRET_BYTES = 20;

/**
 * The code that belongs to a secret at a time.
 * @param secret 20 bytes
 */
export function codeAt(secret: Uint8Array, at: Date): string {
  return generateSync({ secret, epoch: seconds(at), period: PERIOD });
}

/**
 * Finds the time step that a typed code belongs to: the present one, or one before or after it, for telephones whose
 * clock is not quite right (RFC 6238, 5.2). Spaces in it do not matter; whatever is not six ASCII digits belongs to none.
 *
 * That a code works only once is for the caller to keep: note the step, and take only later ones.
 * @param secret 20 bytes
 * @returns the step, counted in 30 seconds from 1970, or null if the code is wrong
 */
export function findStep(secret: Uint8Array, typed: string, at: Date): number | null {
  const token = typed.replace(/\s/g, "");
  // otplib throws on all else.
  if (!/^[0-9]{6}$/.test(token)) return null;
  const epoch = seconds(at);
  const found = verifySync({ secret, token, epoch, period: PERIOD, epochTolerance: PERIOD });
  return found.valid ? Math.floor(epoch / PERIOD) + found.delta : null;
}

/** A secret as people type it: Base32 (RFC 4648, 6) in groups of four. */
export function groupedKey(secret: Uint8Array): string {
  return grouped(base32(secret), " ");
}

/** The address that an authenticator app reads from a QR code (Google Authenticator's Key URI Format). */
export function appAddress(
  secret: Uint8Array,
  whose: { readonly issuer: string; readonly account: string },
): string {
  // A colon parts issuer and account there.
  const issuer = whose.issuer.replaceAll(":", " ").trim();
  return generateURI({ issuer, label: whose.account, secret: base32(secret) });
}

/** Without I, L, O and U, which are misread (Crockford's Base32). */
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RECOVERY_LENGTH = 12;

/** New recovery codes of 60 bits each, in groups of four (NIST SP 800-63B-4, 3.1.2: look-up secrets). */
export function newRecoveryCodes(count: number): string[] {
  return Array.from({ length: count }, () => {
    const bytes = crypto.getRandomValues(new Uint8Array(RECOVERY_LENGTH));
    return grouped([...bytes].map((byte) => LETTERS[byte % LETTERS.length]).join(""), "-");
  });
}

/** A recovery code as it was typed: small letters, spaces, and an O for a 0 do not matter. @returns null if it cannot be one */
export function readRecoveryCode(typed: string): string | null {
  const plain = typed.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(
    /[IL]/g,
    "1",
  );
  const fits = plain.length === RECOVERY_LENGTH && [...plain].every((one) => LETTERS.includes(one));
  return fits ? grouped(plain, "-") : null;
}

function grouped(text: string, between: string): string {
  return (text.match(/.{1,4}/g) ?? []).join(between);
}

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[parseInt(five.padEnd(5, "0"), 2)])
    .join("");
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
