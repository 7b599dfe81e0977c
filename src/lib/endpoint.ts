/** Where CRI is served: a socket file that the shim makes, or sockets that systemd made and passes on. */
export type Endpoint =
  | { readonly kind: 'path'; readonly path: string }
  /** Every socket that was passed, or those whose FileDescriptorName= is `name`. */
  | { readonly kind: 'activated'; readonly name: string | undefined };

/** Reads an endpoint without a fault: `unix:///path`, `/path`, `fd://` or `fd://NAME`. */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith('fd://')) return { kind: 'activated', name: text.slice('fd://'.length) || undefined };
  return { kind: 'path', path: text.replace(/^unix:\/\//, '') };
}
