/** What an interface has carried since it was made, as seen from inside its network namespace. */
export interface InterfaceCounters {
  readonly name: string;
  readonly rxBytes: bigint;
  readonly rxPackets: bigint;
  readonly rxErrors: bigint;
  readonly rxDropped: bigint;
  readonly txBytes: bigint;
  readonly txPackets: bigint;
  readonly txErrors: bigint;
  readonly txDropped: bigint;
}

/** The numbers before it are of what was received. */
const FIRST_SENT = 8;

/**
 * /proc/[pid]/net/dev (proc(5)): two lines of headings, then "name: " with eight numbers of what was received and eight
 * of what was sent; bytes, packets, errors and drops come first in each. Loopback is left out: nothing of it leaves the pod.
 */
export function parseNetworkDevices(text: string): InterfaceCounters[] {
  return text.split('\n').flatMap((line) => {
    const [, name, rest] = /^\s*([^:\s]+):\s*(\d[\d\s]*)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined || name === 'lo') return [];
    const numbers = rest.trim().split(/\s+/).map(BigInt);
    const [rxBytes, rxPackets, rxErrors, rxDropped] = numbers;
    const [txBytes, txPackets, txErrors, txDropped] = numbers.slice(FIRST_SENT);
    if (rxBytes === undefined || rxPackets === undefined || rxErrors === undefined || rxDropped === undefined)
      return [];
    if (txBytes === undefined || txPackets === undefined || txErrors === undefined || txDropped === undefined)
      return [];
    return [{ name, rxBytes, rxPackets, rxErrors, rxDropped, txBytes, txPackets, txErrors, txDropped }];
  });
}
