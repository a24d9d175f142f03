// An authenticator in software: makes passkeys and uses them as a device would, or as a forger would.

type Bytes = Uint8Array<ArrayBuffer>;

/** What a forger does otherwise than the browser was asked. */
export type Forged = {
  readonly origin?: string;
  readonly challenge?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly verified?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly credentialId?: Bytes;
};

type Asked = { readonly challenge: string; readonly rpId: string; readonly origin: string };

export class Authenticator {
  readonly credentialId: Bytes = crypto.getRandomValues(new Uint8Array(32));
  counter = 0;
  userHandle = "";
  private constructor(private readonly keys: CryptoKeyPair) {}

  static async open(): Promise<Authenticator> {
    const how = { name: "ECDSA", namedCurve: "P-256" };
    return new Authenticator(await crypto.subtle.generateKey(how, true, ["sign", "verify"]));
  }

  /** Answers a request to make a passkey. @returns the browser's JSON */
  async create(asked: Asked, userHandle: string, forged: Forged = {}): Promise<string> {
    this.userHandle = userHandle;
    const id = forged.credentialId ?? this.credentialId;
    const attested = join([new Uint8Array(16), twoBytes(id.length), id, await this.coseKey()]);
    const data = await this.authenticatorData(asked, 0x41, attested, forged);
    // {"fmt": "none", "attStmt": {}, "authData": …} in CBOR.
    const object = join([
      Uint8Array.of(0xa3),
      cborText("fmt"),
      cborText("none"),
      cborText("attStmt"),
      Uint8Array.of(0xa0),
      cborText("authData"),
      Uint8Array.of(0x59),
      twoBytes(data.length),
      data,
    ]);
    return JSON.stringify({
      id: base64(id),
      rawId: base64(id),
      type: "public-key",
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64(clientData("webauthn.create", asked, forged)),
        attestationObject: base64(object),
        transports: ["internal"],
      },
    });
  }

  /** Answers a request to use the passkey. @returns the browser's JSON */
  async use(asked: Asked, forged: Forged = {}): Promise<string> {
    this.counter += 1;
    const client = clientData("webauthn.get", asked, forged);
    const data = await this.authenticatorData(asked, 0x01, new Uint8Array(), forged);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", client));
    const how = { name: "ECDSA", hash: "SHA-256" };
    const raw = await crypto.subtle.sign(how, this.keys.privateKey, join([data, digest]));
    const id = base64(forged.credentialId ?? this.credentialId);
    return JSON.stringify({
      id,
      rawId: id,
      type: "public-key",
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64(client),
        authenticatorData: base64(data),
        signature: base64(derOf(new Uint8Array(raw))),
        userHandle: forged.userHandle ?? this.userHandle,
      },
    });
  }

  private async authenticatorData(
    asked: Asked,
    flags: number,
    attested: Bytes,
    forged: Forged,
  ): Promise<Bytes> {
    const name = new TextEncoder().encode(forged.rpId ?? asked.rpId);
    const head = new Uint8Array(37);
    head.set(new Uint8Array(await crypto.subtle.digest("SHA-256", name)));
    head[32] = flags | (forged.verified === false ? 0 : 0x04);
    new DataView(head.buffer).setUint32(33, forged.counter ?? this.counter);
    return join([head, attested]);
  }

  /** {1: 2, 3: -7, -1: 1, -2: x, -3: y} in CBOR (RFC 9053, 7.1). */
  private async coseKey(): Promise<Bytes> {
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", this.keys.publicKey));
    return join([
      Uint8Array.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20),
      raw.slice(1, 33),
      Uint8Array.of(0x22, 0x58, 0x20),
      raw.slice(33, 65),
    ]);
  }
}

function clientData(type: string, asked: Asked, forged: Forged): Bytes {
  return new TextEncoder().encode(JSON.stringify({
    type: forged.type ?? type,
    challenge: forged.challenge ?? asked.challenge,
    origin: forged.origin ?? asked.origin,
    crossOrigin: false,
  }));
}

/** Two numbers side by side, as WebCrypto gives them, to the DER that authenticators send. */
function derOf(raw: Bytes): Bytes {
  const numbers = [raw.slice(0, 32), raw.slice(32)].map((bytes) => {
    const from = Math.max(0, bytes.findIndex((byte) => byte !== 0));
    const short = bytes.slice(from);
    const body = (short[0] ?? 0) >= 0x80 ? join([Uint8Array.of(0), short]) : short;
    return join([Uint8Array.of(0x02, body.length), body]);
  });
  const body = join(numbers);
  return join([Uint8Array.of(0x30, body.length), body]);
}

function cborText(text: string): Bytes {
  return join([Uint8Array.of(0x60 + text.length), new TextEncoder().encode(text)]);
}

function twoBytes(number: number): Bytes {
  return Uint8Array.of(number >> 8, number & 255);
}

function base64(bytes: Bytes): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function join(parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
