import { ShimError } from '../../lib/errors';

/** Where the shim is to be reached: a socket file that it makes, or sockets that systemd made and passes on. */
export type Endpoint =
  | { readonly kind: 'path'; readonly path: string }
  /** Every socket that was passed, or those whose FileDescriptorName= is `name`. */
  | { readonly kind: 'activated'; readonly name: string | undefined };

/**
 * The longest path of a socket, in bytes. The kernel takes 107 (sun_path, less its NUL); the socket is first bound in a
 * directory beside it with a name of 8 bytes more (see unix-socket.ts).
 */
export const MAX_SOCKET_PATH_BYTES = 99;

/**
 * Reads one value of --container-runtime-endpoint: `unix:///path`, `/path`, `fd://` or `fd://NAME`.
 * @throws ShimError InvalidArgument for anything else, TCP included: whoever reaches this socket is root on the node.
 */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith('fd://')) return { kind: 'activated', name: text.slice('fd://'.length) || undefined };
  if (text.startsWith('unix://')) return { kind: 'path', path: checkPath(text, text.slice('unix://'.length)) };
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) {
    throw refused(text, 'only unix:///path, /path, fd:// and fd://NAME are served');
  }
  return { kind: 'path', path: checkPath(text, text) };
}

function checkPath(text: string, path: string): string {
  // Abstract sockets have no file mode: any process in the network namespace could connect (CVE-2020-15257).
  if (path.startsWith('@') || path.startsWith('\0')) {
    throw refused(text, 'abstract sockets are open to every process on the host network; use a path');
  }
  if (!path.startsWith('/'))
    throw refused(text, 'the path of a socket must be absolute, as in unix:///run/dockershim.sock');
  if (path.endsWith('/')) throw refused(text, 'the path names a directory; add the name of the socket');
  if (/[\u0000-\u001f\u007f]/.test(path)) throw refused(text, 'the path contains a control character');
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_SOCKET_PATH_BYTES) {
    throw refused(text, `the path of a socket may have ${MAX_SOCKET_PATH_BYTES} bytes, and this one has ${bytes}`);
  }
  return path;
}

function refused(text: string, why: string): ShimError {
  return new ShimError('InvalidArgument', `cannot serve on the endpoint ${JSON.stringify(text)}: ${why}`);
}
