// The checksum by which a file is known again.

/** SHA-256 of a file's content. */
export async function checksumOf(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
}
