/** Where the shim is to be reached: a socket file that it makes, or sockets that systemd made and passes on. */
export type Endpoint =
  | { readonly kind: 'path'; readonly path: string }
  /** Every socket that was passed, or those whose FileDescriptorName= is `name`. */
  | { readonly kind: 'activated'; readonly name: string | undefined };
