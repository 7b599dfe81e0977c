import { isIP, isIPv4, isIPv6 } from 'node:net';
import { ShimError } from '../lib/errors';

/** Where to listen. */
export interface Address {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

const LAST_PORT = 65_535;

/**
 * An IP address, alone or with a port: `127.0.0.1:8080`, `[::1]:8080`, `::1`.
 * @throws ShimError InvalidArgument for anything else
 */
export function parseAddress(text: string): Address {
  if (isIP(text)) return { host: text, port: 0 };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = Number(digits ?? 0);
  const known = bracketed === undefined ? isIPv4(host) : isIPv6(host);
  if (known && port <= LAST_PORT) return { host, port };
  throw new ShimError('InvalidArgument', `${JSON.stringify(text)} is no address to listen on`);
}
