/** The versions of the CNI specification that this runtime speaks. */
const KNOWN = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const;

/** A configuration without a version is of the first one, says the specification. */
export const FIRST_VERSION = KNOWN[0];
export const NEWEST_VERSION = KNOWN[KNOWN.length - 1] ?? FIRST_VERSION;

/** Whether a known version is `least` or newer. */
export function isAtLeast(version: string, least: (typeof KNOWN)[number]): boolean {
  return KNOWN.findIndex((known) => known === version) >= KNOWN.indexOf(least);
}

/** The newest known one of several versions; undefined when none is known. */
export function newestOf(versions: readonly string[]): string | undefined {
  return KNOWN.findLast((known) => versions.includes(known));
}
