// Network addresses in one form, and the group that one household has.

import { isIP } from "node:net";

/** An address as it is compared and stored: no zone, no IPv4 written as IPv6 (RFC 4291, 2.5.5.2), small letters; null if it is none. */
export function normaliseAddress(text: string): string | null {
  const bare = text.trim().replace(/%.*$/, "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1] ?? bare;
  return isIP(mapped) === 0 ? null : mapped;
}

/** What stands for a household: an IPv4 address, or the first 64 bits of an IPv6 one (RFC 6177). */
export function householdOf(address: string | null): string {
  if (address === null) return "unknown";
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const before = head.split(":").filter(Boolean);
  const after = (tail ?? "").split(":").filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":");
}
