// Days as spans of time: so many times 24 hours, whatever the clocks do.

/** The moment so many days later; earlier for a negative number. */
export function daysAfter(at: Date, days: number): Date {
  return new Date(at.getTime() + days * 24 * 60 * 60 * 1000);
}
