/** What an interface has carried since it was made, as seen from inside its network namespace. */
export interface InterfaceCounters {
  readonly name: string;
  readonly rxBytes: bigint;
  readonly rxErrors: bigint;
  readonly txBytes: bigint;
  readonly txErrors: bigint;
}

/**
 * /proc/[pid]/net/dev (proc(5)): two lines of headings, then "name: " with eight numbers of what was received and eight
 * of what was sent; bytes come first in each, errors third. Loopback is left out: nothing of it leaves the pod.
 */
export function parseNetworkDevices(text: string): InterfaceCounters[] {
  return text.split('\n').flatMap((line) => {
    const [, name, rest] = /^\s*([^:\s]+):\s*(\d[\d\s]*)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined || name === 'lo') return [];
    const numbers = rest.trim().split(/\s+/).map(BigInt);
    const [rxBytes, , rxErrors, , , , , , txBytes, , txErrors] = numbers;
    if (rxBytes === undefined || rxErrors === undefined || txBytes === undefined || txErrors === undefined) return [];
    return [{ name, rxBytes, rxErrors, txBytes, txErrors }];
  });
}
