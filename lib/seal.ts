// Seals small secrets for the database: AES-GCM under a key derived from the server key, bound to what they belong to.

export type Sealed = {
  /** 12 bytes of nonce, then the ciphertext with its tag of 16 bytes. */
  readonly ciphertext: Uint8Array<ArrayBuffer>;
  /** Tells which server key it was; 8 bytes. */
  readonly keyPrint: Uint8Array<ArrayBuffer>;
};

export type Sealer = {
  /** @param owner what the secret belongs to, such as a row's id: under another owner it does not open */
  seal(secret: Uint8Array<ArrayBuffer>, owner: string): Promise<Sealed>;
  /** @returns null if it was sealed under a key that is not live, for another owner, or was changed since */
  open(sealed: Sealed, owner: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Of the key that new seals are made with; 8 bytes. */
  keyPrint(): Promise<Uint8Array<ArrayBuffer>>;
};

const NONCE = 12;

type SealingKey = { readonly key: CryptoKey; readonly print: Uint8Array<ArrayBuffer> };

/**
 * A random nonce of 96 bits suits up to 2^32 seals under one key (NIST SP 800-38D, 8.3).
 * @param serverKeys 32 bytes each: the first seals, every one opens
 * @param purpose each has a key of its own (HKDF, RFC 5869)
 */
export function openSealer(
  serverKeys: readonly Uint8Array<ArrayBuffer>[],
  purpose: string,
): Sealer {
  let derived: Promise<SealingKey[]> | undefined;

  async function keys(): Promise<SealingKey[]> {
    return await (derived ??= Promise.all(serverKeys.map((key) => deriveFrom(key, purpose))));
  }

  async function present(): Promise<SealingKey> {
    const [first] = await keys();
    if (first === undefined) throw new Error("a sealer needs a key");
    return first;
  }

  return {
    async seal(secret, owner): Promise<Sealed> {
      const { key, print } = await present();
      const iv = crypto.getRandomValues(new Uint8Array(NONCE));
      const how = { name: "AES-GCM", iv, additionalData: bytesOf(owner) };
      const hidden = new Uint8Array(await crypto.subtle.encrypt(how, key, secret));
      const ciphertext = new Uint8Array(NONCE + hidden.length);
      ciphertext.set(iv);
      ciphertext.set(hidden, NONCE);
      return { ciphertext, keyPrint: print };
    },
    async open({ ciphertext, keyPrint }, owner): Promise<Uint8Array<ArrayBuffer> | null> {
      const fitting = (await keys()).find(({ print }) => print.toHex() === keyPrint.toHex());
      if (fitting === undefined) return null;
      const iv = ciphertext.slice(0, NONCE);
      const how = { name: "AES-GCM", iv, additionalData: bytesOf(owner) };
      try {
        const opened = await crypto.subtle.decrypt(how, fitting.key, ciphertext.slice(NONCE));
        return new Uint8Array(opened);
      } catch (error) {
        if (error instanceof DOMException) return null;
        throw error;
      }
    },
    keyPrint: async () => (await present()).print,
  };
}

async function deriveFrom(
  serverKey: Uint8Array<ArrayBuffer>,
  purpose: string,
): Promise<SealingKey> {
  const root = await crypto.subtle.importKey("raw", serverKey, "HKDF", false, [
    "deriveKey",
    "deriveBits",
  ]);
  const from = (what: string): HkdfParams => ({
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(),
    info: bytesOf(`${what} ${purpose}`),
  });
  const aes = { name: "AES-GCM", length: 256 };
  return {
    key: await crypto.subtle.deriveKey(from("seal"), root, aes, false, ["encrypt", "decrypt"]),
    print: new Uint8Array(await crypto.subtle.deriveBits(from("print"), root, 64)),
  };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
