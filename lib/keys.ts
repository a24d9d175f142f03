// What is derived from the server key, and tokens whose hash alone is stored.

import { createHash } from "node:crypto";
import { derivePassword } from "./readable_passwords.ts";
import { openSealer, type Sealer } from "./seal.ts";

/**
 * What is derived from the server key; while it is being replaced, from the one before it too: everything new is made under
 * the present key, and what was made under the former still opens.
 */
export type Keys = {
  /** HMAC-SHA-256 of a text under a key of its own for each purpose (NIST SP 800-108, by HKDF). @returns 32 bytes */
  fingerprint(purpose: string, text: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The fingerprint under each key that is live, the present one first: for looking up what may have been stored before. */
  fingerprints(purpose: string, text: string): Promise<Uint8Array<ArrayBuffer>[]>;
  /** Tells the present key from others, and nothing else about it: 16 hexadecimal digits. */
  print(): Promise<string>;
  /**
   * The temporary password that belongs to an id: the same for ever under the same key.
   * @param print of the key that it was first derived under
   * @returns null if that key is no longer live
   */
  derivePassword(id: string, print: string): Promise<string | null>;
  /** Seals what must be read again, under a key of its own for each purpose. */
  sealer(purpose: string): Sealer;
};

/** One server key. */
type Key = {
  readonly secret: Uint8Array<ArrayBuffer>;
  fingerprint(purpose: string, text: string): Promise<Uint8Array<ArrayBuffer>>;
};

/**
 * @param secret the server key, 32 bytes
 * @param previous the one before it, while both are live
 */
export function openKeys(
  secret: Uint8Array<ArrayBuffer>,
  previous?: Uint8Array<ArrayBuffer>,
): Keys {
  const present = openKey(secret);
  const live = previous === undefined ? [present] : [present, openKey(previous)];
  const secrets = live.map((key) => key.secret);

  return {
    fingerprint: present.fingerprint,
    fingerprints: (purpose, text) => Promise.all(live.map((key) => key.fingerprint(purpose, text))),
    print: () => printOf(present),
    async derivePassword(id, print): Promise<string | null> {
      for (const key of live) {
        if (await printOf(key) === print) return await derivePassword(key.secret, id);
      }
      return null;
    },
    sealer: (purpose) => openSealer(secrets, purpose),
  };
}

function openKey(secret: Uint8Array<ArrayBuffer>): Key {
  const derived = new Map<string, Promise<CryptoKey>>();

  async function derive(purpose: string): Promise<CryptoKey> {
    const root = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
    return await crypto.subtle.deriveKey(
      {
        name: "HKDF",
        hash: "SHA-256",
        salt: new Uint8Array(),
        info: new TextEncoder().encode(purpose),
      },
      root,
      { name: "HMAC", hash: "SHA-256", length: 256 },
      false,
      ["sign"],
    );
  }

  return {
    secret,
    async fingerprint(purpose, text): Promise<Uint8Array<ArrayBuffer>> {
      const key = derived.get(purpose) ?? derive(purpose);
      derived.set(purpose, key);
      const bytes = new TextEncoder().encode(text);
      return new Uint8Array(await crypto.subtle.sign("HMAC", await key, bytes));
    },
  };
}

async function printOf(key: Key): Promise<string> {
  return (await key.fingerprint("key check", "")).toHex().slice(0, 16);
}

/** A new unguessable token: 256 bits, as 43 characters that suit a cookie. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** SHA-256 of a token: what is stored in its place. @returns 32 bytes */
export function hashToken(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(token).digest());
}
