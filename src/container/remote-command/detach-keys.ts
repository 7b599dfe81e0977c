/**
 * What Docker is told to take for the wish to detach. Its own keys, ctrl-p ctrl-q, belong to the program in the
 * container: Docker would hold back each ctrl-p until the next key. One can't do without, so these are keys that no one
 * types in this order.
 */
export const DETACH_KEYS = Array.from({ length: 16 }, () => 'ctrl-^,ctrl-]').join(',');
