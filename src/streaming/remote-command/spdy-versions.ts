/**
 * 1: errors as text. 2 ends streams cleanly. 3 adds the stream of terminal sizes. 4 says how the command ended as a
 * Status with its exit code. 5 exists for WebSocket only, and clients that speak it offer 4 here too.
 */
export type RemoteCommandVersion = 1 | 2 | 3 | 4;

/** The versions by the protocols that clients name. */
export const SPDY_VERSIONS: ReadonlyMap<string, RemoteCommandVersion> = new Map([
  ['v4.channel.k8s.io', 4],
  ['v3.channel.k8s.io', 3],
  ['v2.channel.k8s.io', 2],
  ['channel.k8s.io', 1],
]);
