/** A file with one number; undefined for everything else, such as the `max` of cgroup v2. */
export function parseCount(text: string | undefined): bigint | undefined {
  const digits = text?.trim() ?? '';
  return /^\d+$/.test(digits) ? BigInt(digits) : undefined;
}

/** The number behind `key` in a file of lines "key number", the kernel's flat keyed format. */
export function parseKeyed(text: string, key: string): bigint | undefined {
  const lines = `\n${text}`;
  const before = `\n${key} `;
  const at = lines.indexOf(before);
  if (at < 0) return undefined;
  const end = lines.indexOf('\n', at + 1);
  return parseCount(lines.slice(at + before.length, end < 0 ? lines.length : end));
}
