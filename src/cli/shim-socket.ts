import type { Config } from '../config/config';
import { optionOf } from '../config/settings';

const USUAL_SOCKET = optionOf('container-runtime-endpoint').default.slice('unix://'.length);

/** Where the shim of this node is asked: its first socket file, or the usual one where systemd passes its sockets on. */
export function shimSocket(config: Config): string {
  return shimSockets(config)[0];
}

/** All of its socket files, or the usual one. */
export function shimSockets({ socketPaths: [first = USUAL_SOCKET, ...others] }: Config): [string, ...string[]] {
  return [first, ...others];
}
