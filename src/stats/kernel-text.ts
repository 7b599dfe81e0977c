/** A file with one number; undefined for everything else, such as the `max` of cgroup v2. */
export function parseCount(text: string | undefined): bigint | undefined {
  const digits = text?.trim() ?? '';
  return /^\d+$/.test(digits) ? BigInt(digits) : undefined;
}

/** The number behind `key` in a file of lines "key number", the kernel's flat keyed format. */
export function parseKeyed(text: string, key: string): bigint | undefined {
  const before = `${key} `;
  const lineBreak = text.indexOf(`\n${before}`);
  if (lineBreak < 0 && !text.startsWith(before)) return undefined;
  const from = lineBreak + 1 + before.length;
  const end = text.indexOf('\n', from);
  return parseCount(text.slice(from, end < 0 ? text.length : end));
}
