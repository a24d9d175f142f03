// Reports as mail servers write them, about a mail whose Message-ID tests know.

/** The bytes of one of the reports in tests/fixtures/bounces. */
export async function readBounce(file: string): Promise<Uint8Array<ArrayBuffer>> {
  return await Deno.readFile(new URL(`fixtures/bounces/${file}`, import.meta.url));
}
