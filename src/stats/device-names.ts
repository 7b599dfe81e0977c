import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Names of block devices by their numbers, `/dev/sda` by `8:0`, each looked up once; the numbers themselves where the
 * device is gone. For one answer: numbers come back for other devices.
 */
export function deviceNames(): (numbers: string) => string {
  const known = new Map<string, string>();
  return (numbers) => {
    const name = known.get(numbers) ?? lookUp(numbers);
    known.set(numbers, name);
    return name;
  };
}

function lookUp(numbers: string): string {
  try {
    return `/dev/${basename(readlinkSync(`/sys/dev/block/${numbers}`))}`;
  } catch {
    return numbers;
  }
}
