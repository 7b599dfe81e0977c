import { parseEndpoint } from '../lib/endpoint';

/**
 * The longest path of a socket, in bytes. The kernel takes 107 (sun_path, less its NUL); the socket is first bound in a
 * directory beside it with a name of 8 bytes more (see cri/listen/unix-socket.ts).
 */
export const MAX_SOCKET_PATH_BYTES = 99;

/**
 * Why the shim can't serve there, in words that follow the option's name, or nothing. TCP is refused too: whoever reaches
 * this socket is root on the node.
 */
export function endpointFault(text: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^(unix|fd):\/\//.test(text)) {
    return 'must be unix:///PATH, /PATH, fd:// or fd://NAME';
  }
  const endpoint = parseEndpoint(text);
  return endpoint.kind === 'path' ? pathFault(endpoint.path) : undefined;
}

function pathFault(path: string): string | undefined {
  // Abstract sockets have no file mode: any process in the network namespace could connect (CVE-2020-15257).
  if (path.startsWith('@') || path.startsWith('\0')) {
    return 'must be a path: abstract sockets are open to every process on the host network';
  }
  if (!path.startsWith('/')) return 'must have an absolute path, as in unix:///run/dockershim.sock';
  if (path.endsWith('/')) return 'must name a socket and not a directory';
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'must have no control character in its path';
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_SOCKET_PATH_BYTES)
    return `must have a path of at most ${MAX_SOCKET_PATH_BYTES} bytes, not of ${bytes}`;
  return undefined;
}
