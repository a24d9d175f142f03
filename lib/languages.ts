// Which languages somebody reads, from the Accept-Language header (RFC 9110, 12.5.4).

/** As in the header, the most wanted first, in small letters: "pl", "en-gb". What is not one is left out. */
export function preferredLanguages(header: string | null | undefined): string[] {
  const asked = (header ?? "").slice(0, 1000).split(",").map((part, place) => {
    const [tag = "", ...parameters] = part.trim().toLowerCase().split(/\s*;\s*/);
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return { tag, place, weight: weight === undefined ? 1 : Number(weight) };
  });
  return asked
    .filter(({ tag, weight }) =>
      /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(tag) && weight > 0 && weight <= 1
    )
    .sort((one, other) => other.weight - one.weight || one.place - other.place)
    .map(({ tag }) => tag);
}
