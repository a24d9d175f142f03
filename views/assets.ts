// Addresses of static files, each with a checksum in it, so that a browser may keep it for ever.

const urls = new Map<string, string>();

/** Tells where a static file is served; called once for each at the start. */
export function setAsset(name: string, url: string): void {
  urls.set(name, url);
}

/** The address of a static file. */
export function asset(name: string): string {
  return urls.get(name) ?? `/static/${name}`;
}
