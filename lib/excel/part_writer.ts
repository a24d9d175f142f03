// Text on its way into the archive of a workbook: encoded many pieces at a time, and held as bytes only.

import type { ZipWriter } from "./zip_writer.ts";

const BUFFER_BYTES = 65_536;
/** Characters that are encoded together: a call for each row takes longer than making it. */
const ENCODED_TOGETHER = 8_192;
const ENCODER = new TextEncoder();

/** Writes the text of one part after the other; each promise has to be awaited before the next call. */
export class PartWriter {
  readonly #zip: ZipWriter;
  // Text goes into it soon: as strings it would outlive the collector's first look at it,
  // upon which V8 lets its heap grow by 60 MB.
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #used = 0;
  /** What is written and not encoded yet. */
  #waiting = "";
  #writing = false;

  constructor(zip: ZipWriter) {
    this.#zip = zip;
  }

  /** Whether bytes are being taken. */
  get isWriting(): boolean {
    return this.#writing;
  }

  /** Whether so much waits that it is to be encoded now, by {@link spill}. */
  get isFull(): boolean {
    return this.#waiting.length >= ENCODED_TOGETHER;
  }

  add(text: string): void {
    this.#waiting += text;
  }

  /** Encodes what waits, and makes room for it as often as needed. */
  async spill(): Promise<void> {
    for (;;) {
      const { read, written } = ENCODER.encodeInto(
        this.#waiting,
        this.#buffer.subarray(this.#used),
      );
      this.#used += written;
      this.#waiting = this.#waiting.slice(read);
      if (this.#waiting === "") return;
      await this.#flush();
    }
  }

  /** Ends the part, and its entry in the archive. */
  async end(): Promise<void> {
    await this.spill();
    await this.#flush();
    await this.#zip.endEntry();
  }

  /** Writes a whole part, which comes in pieces. */
  async whole(name: string, texts: Iterable<string>): Promise<void> {
    await this.#zip.startEntry(name);
    for (const text of texts) {
      this.add(text);
      if (this.isFull) await this.spill();
    }
    await this.end();
  }

  async #flush(): Promise<void> {
    this.#writing = true;
    await this.#zip.write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
    this.#writing = false;
  }
}
