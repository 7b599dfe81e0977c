import { parseReference } from '../translate/image-reference';
import { parseAddress } from './address';
import { parseDuration } from './duration';
import { parseSize } from './size';

/** Says what is wrong with an option's value, in words that follow the option's name, or nothing. */
export type Fault = (value: string) => string | undefined;

export const absolute: Fault = (value) => (value.startsWith('/') ? undefined : 'must be an absolute path');

export const address: Fault = (value) =>
  isRefused(() => parseAddress(value)) ? 'must be IP, IP:PORT or [IPV6]:PORT' : undefined;

export const image: Fault = (value) =>
  isRefused(() => parseReference(value)) ? 'must name an image, such as registry.k8s.io/pause:3.10' : undefined;

export const duration: Fault = (value) =>
  isRefused(() => parseDuration(value)) ? 'must be a time such as 90s or 1m30s, at most 48h' : undefined;

export const size: Fault = (value) =>
  isRefused(() => parseSize(value)) ? 'must be a size such as 512Mi or 1Gi, from 16Mi to 16Gi' : undefined;

function isRefused(parse: () => unknown): boolean {
  try {
    parse();
    return false;
  } catch {
    return true;
  }
}
