// Passkeys (WebAuthn level 3): what the browser is asked, and whether what comes back is right. Knows no people and no tables.

import type * as webauthn from "@simplewebauthn/server";
import { timingSafeEqual } from "node:crypto";
import type { Keys } from "./keys.ts";

/** Loaded when the first passkey is asked for: loading it takes as long as all else of the program together. */
const library = (): Promise<typeof webauthn> => import("@simplewebauthn/server");

type Bytes = Uint8Array<ArrayBuffer>;

/** Whom passkeys are for: one public address, for ever the same (WebAuthn, 5.4: the RP ID). */
export type RelyingParty = { readonly name: string; readonly origin: string };

/** What is stored of a passkey. */
export type NewPasskey = {
  readonly credentialId: Bytes;
  /** COSE_Key. */
  readonly publicKey: Bytes;
  readonly counter: number;
  readonly transports: readonly string[];
  /** Kept by a password manager, beyond the one device. */
  readonly synced: boolean;
};

/** Minutes in which a challenge must be answered. */
const CHALLENGE_LASTS = 5;
/** EdDSA, ES256 and RS256 (COSE): what authenticators have. */
const ALGORITHMS = [-8, -7, -257];
const RANDOM = 16;
const TIME = 6;

/** What is asked of a browser, as its JSON form (WebAuthn, 5.1.8). */
export type Options = Awaited<
  | ReturnType<typeof webauthn.generateRegistrationOptions>
  | ReturnType<typeof webauthn.generateAuthenticationOptions>
>;

/**
 * A challenge that needs no table until it is answered: 16 random bytes, when it ends, and the server key's signature over
 * both and the purpose. @param purpose what it is good for, and for whom
 */
export async function newChallenge(keys: Keys, purpose: string, at: Date): Promise<Bytes> {
  const body = new Uint8Array(RANDOM + TIME);
  crypto.getRandomValues(body.subarray(0, RANDOM));
  const ends = at.getTime() + CHALLENGE_LASTS * 60_000;
  new DataView(body.buffer).setUint16(RANDOM, Math.floor(ends / 2 ** 32));
  new DataView(body.buffer).setUint32(RANDOM + 2, ends % 2 ** 32);
  const challenge = new Uint8Array(body.length + 32);
  challenge.set(body);
  challenge.set(await signatureOf(keys, purpose, body), body.length);
  return challenge;
}

/** A challenge that came back: when it ends, or null if it is not ours, for something else, or too old. */
export async function readChallenge(
  keys: Keys,
  purpose: string,
  challenge: string,
  at: Date,
): Promise<{ readonly hash: Bytes; readonly endsAt: Date } | null> {
  const bytes = bytesOf(challenge);
  if (bytes === null || bytes.length !== RANDOM + TIME + 32) return null;
  const body = bytes.slice(0, RANDOM + TIME);
  const signed = bytes.slice(RANDOM + TIME);
  if (!timingSafeEqual(signed, await signatureOf(keys, purpose, body))) return null;
  const view = new DataView(body.buffer);
  const endsAt = new Date(view.getUint16(RANDOM) * 2 ** 32 + view.getUint32(RANDOM + 2));
  if (endsAt <= at) return null;
  return { hash: new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), endsAt };
}

/** Asks a browser to make a passkey: discoverable, so that no username need be typed, and with its user verified. */
export async function creationOptions(
  party: RelyingParty,
  user: { readonly handle: Bytes; readonly username: string; readonly name: string },
  known: readonly { readonly credentialId: Bytes; readonly transports: readonly string[] }[],
  challenge: Bytes,
): Promise<Options> {
  const { generateRegistrationOptions } = await library();
  return await generateRegistrationOptions({
    rpName: party.name,
    rpID: idOf(party),
    userName: user.username,
    userDisplayName: user.name,
    userID: user.handle,
    challenge,
    timeout: CHALLENGE_LASTS * 60_000,
    attestationType: "none",
    excludeCredentials: known.map(({ credentialId }) => ({ id: textOf(credentialId) })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    supportedAlgorithmIDs: ALGORITHMS,
  });
}

/** Asks a browser for whichever passkey somebody chooses. */
export async function requestOptions(party: RelyingParty, challenge: Bytes): Promise<Options> {
  const { generateAuthenticationOptions } = await library();
  return await generateAuthenticationOptions({
    rpID: idOf(party),
    challenge,
    timeout: CHALLENGE_LASTS * 60_000,
    userVerification: "required",
  });
}

/** A browser's answer, as text: what it says it belongs to, before anything of it is believed. */
export type Answer = {
  readonly credentialId: Bytes;
  readonly challenge: string;
  readonly userHandle: Bytes | null;
  readonly response: Readonly<Record<string, string>>;
  readonly transports: readonly string[];
};

/** @returns null if it is no answer of a browser at all */
export function readAnswer(text: string): Answer | null {
  const found = objectOf(parse(text));
  const response = objectOf(found?.["response"]);
  if (found === null || response === null || found["type"] !== "public-key") return null;
  const texts = Object.fromEntries(
    Object.entries(response).filter((pair): pair is [string, string] =>
      typeof pair[1] === "string"
    ),
  );
  const client = objectOf(
    parse(new TextDecoder().decode(bytesOf(texts["clientDataJSON"]) ?? undefined)),
  );
  const credentialId = found["id"] === found["rawId"] ? bytesOf(found["id"]) : null;
  if (credentialId === null || typeof client?.["challenge"] !== "string") return null;
  const transports = response["transports"];
  return {
    credentialId,
    challenge: client["challenge"],
    userHandle: bytesOf(texts["userHandle"]),
    response: texts,
    transports: Array.isArray(transports)
      ? transports.filter((one): one is string => /^[a-z-]{1,20}$/.test(String(one))).slice(0, 10)
      : [],
  };
}

/** Whether a passkey was made as asked: for this address and challenge, by a verified user. @returns null if not */
export async function checkCreation(
  party: RelyingParty,
  answer: Answer,
): Promise<NewPasskey | null> {
  const id = textOf(answer.credentialId);
  const { clientDataJSON = "", attestationObject = "" } = answer.response;
  try {
    const { verifyRegistrationResponse } = await library();
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id,
        rawId: id,
        type: "public-key",
        clientExtensionResults: {},
        response: { clientDataJSON, attestationObject },
      },
      expectedChallenge: answer.challenge,
      expectedOrigin: party.origin,
      expectedRPID: idOf(party),
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified) return null;
    const { credential, credentialDeviceType } = registrationInfo;
    // What the authenticator signed, not what the browser's answer calls it.
    const credentialId = bytesOf(credential.id);
    return credentialId && {
      credentialId,
      publicKey: new Uint8Array(credential.publicKey),
      counter: credential.counter,
      transports: answer.transports,
      synced: credentialDeviceType === "multiDevice",
    };
  } catch {
    // The library throws for whatever does not fit.
    return null;
  }
}

/**
 * Whether a passkey was used as asked: for this address and challenge, by a verified user, signed by this key.
 * @returns the authenticator's counter, which the caller compares with the one before; null if it was not
 */
export async function checkUse(
  party: RelyingParty,
  answer: Answer,
  passkey: { readonly publicKey: Bytes; readonly userHandle: Bytes },
): Promise<{ readonly counter: number } | null> {
  const id = textOf(answer.credentialId);
  const { clientDataJSON = "", authenticatorData = "", signature = "" } = answer.response;
  // A discoverable credential always says whose it is (WebAuthn, 7.2, step 6).
  if (answer.userHandle?.toHex() !== passkey.userHandle.toHex()) return null;
  try {
    const { verifyAuthenticationResponse } = await library();
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id,
        rawId: id,
        type: "public-key",
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: answer.challenge,
      expectedOrigin: party.origin,
      expectedRPID: idOf(party),
      // Compared where it is stored, in one statement, so that it holds over all nodes.
      credential: { id, publicKey: passkey.publicKey, counter: 0 },
      requireUserVerification: true,
    });
    return verified ? { counter: authenticationInfo.newCounter } : null;
  } catch {
    return null;
  }
}

/** Bytes of a text in base64url; null if it is none. */
function bytesOf(text: unknown): Bytes | null {
  if (typeof text !== "string" || text === "") return null;
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return null;
  }
}

function textOf(bytes: Bytes): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function idOf(party: RelyingParty): string {
  return new URL(party.origin).hostname;
}

function signatureOf(keys: Keys, purpose: string, body: Bytes): Promise<Bytes> {
  return keys.fingerprint("passkey challenge", `${purpose} ${body.toHex()}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value))
    : null;
}
