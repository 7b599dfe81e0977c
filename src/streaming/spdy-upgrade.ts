import { refuse, switchProtocols } from './http-answer';
import { offered, type Upgrade } from './upgrade';

const VERSION_HEADER = 'X-Stream-Protocol-Version';

/**
 * Answers a client that wants SPDY: switches to the first of the protocols in its version header that is known here.
 * @returns the chosen protocol; undefined when there is none, and the client was refused
 */
export function switchToSpdy({ request, socket }: Upgrade, known: readonly string[]): string | undefined {
  const names = offered(request, VERSION_HEADER.toLowerCase());
  if (names.length === 0) {
    refuse(socket, 400, `the request has no ${VERSION_HEADER} header`);
    return undefined;
  }
  const chosen = names.find((name) => known.includes(name));
  if (chosen === undefined) {
    const accepted = known.map((name) => ['X-Accepted-Stream-Protocol-Versions', name] as const);
    refuse(socket, 403, `none of the protocols is known here: ${names.join(', ')}`, accepted);
    return undefined;
  }
  switchProtocols(socket, [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'SPDY/3.1'],
    [VERSION_HEADER, chosen],
  ]);
  return chosen;
}
