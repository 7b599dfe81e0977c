/**
 * The keys by which a client would detach. With the default, ctrl-p ctrl-q, Docker would hold back each ctrl-p that is
 * meant for the program in the container until the next key. It can't be told to have none, so these are keys that
 * nobody types in this order.
 */
export const DETACH_KEYS = Array.from({ length: 16 }, () => 'ctrl-^,ctrl-]').join(',');
