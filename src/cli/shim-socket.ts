import type { Config } from '../config/config';
import { optionOf } from '../config/settings';

/** Where the shim of this node is asked: its first socket file, or the usual one where systemd passes its sockets on. */
export function shimSocket({ socketPaths }: Config): string {
  return socketPaths[0] ?? optionOf('container-runtime-endpoint').default.replace(/^unix:\/\//, '');
}
