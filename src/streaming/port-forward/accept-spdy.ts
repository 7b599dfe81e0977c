import { refuse, switchProtocols } from '../http-answer';
import { offered, type Upgrade } from '../upgrade';

const PROTOCOL = 'portforward.k8s.io';
const VERSION_HEADER = 'X-Stream-Protocol-Version';

/** Answers a client that wants SPDY; false when it was refused. */
export function acceptSpdy({ request, socket }: Upgrade): boolean {
  const names = offered(request, VERSION_HEADER.toLowerCase());
  if (names.length === 0) {
    refuse(socket, 400, `the request has no ${VERSION_HEADER} header`);
    return false;
  }
  if (!names.includes(PROTOCOL)) {
    const accepted = [['X-Accepted-Stream-Protocol-Versions', PROTOCOL]] as const;
    refuse(socket, 403, `none of the protocols is known here: ${names.join(', ')}`, accepted);
    return false;
  }
  switchProtocols(socket, [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'SPDY/3.1'],
    [VERSION_HEADER, PROTOCOL],
  ]);
  return true;
}
