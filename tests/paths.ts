// Paths of the project's own files, whatever folder the tests are started from.

import { fileURLToPath } from "node:url";

/** A path relative to tests/. */
export function fromFileUrl(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
