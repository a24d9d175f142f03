// What is derived from the server key, and tokens whose hash alone is stored.

import { derivePassword } from "./readable_passwords.ts";
import { openSealer, type Sealer } from "./seal.ts";

/** Derives keyed hashes: a table of them tells nobody what was hashed without the server key. */
export type Keys = {
  /** HMAC-SHA-256 of a text under a key of its own for each purpose (NIST SP 800-108, by HKDF). @returns 32 bytes */
  fingerprint(purpose: string, text: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The temporary password that belongs to an id: the same for ever. */
  derivePassword(id: string): Promise<string>;
  /** Seals what must be read again, under a key of its own for each purpose. */
  sealer(purpose: string): Sealer;
};

/** @param secret the server key, 32 bytes */
export function openKeys(secret: Uint8Array<ArrayBuffer>): Keys {
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
    async fingerprint(purpose, text): Promise<Uint8Array<ArrayBuffer>> {
      const key = derived.get(purpose) ?? derive(purpose);
      derived.set(purpose, key);
      const bytes = new TextEncoder().encode(text);
      return new Uint8Array(await crypto.subtle.sign("HMAC", await key, bytes));
    },
    derivePassword: (id) => derivePassword(secret, id),
    sealer: (purpose) => openSealer(secret, purpose),
  };
}

/** A new unguessable token: 256 bits, as 43 characters that suit a cookie. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** SHA-256 of a token: what is stored in its place. @returns 32 bytes */
export async function hashToken(token: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(token);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
