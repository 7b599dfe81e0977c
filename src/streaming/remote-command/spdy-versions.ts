import { offered, type Upgrade } from '../upgrade';

/**
 * 1: errors as text. 2 ends streams cleanly. 3 adds the stream of terminal sizes. 4 says how the command ended as a
 * Status with its exit code. 5 exists for WebSocket only, and clients that speak it offer 4 here too.
 */
export type RemoteCommandVersion = 1 | 2 | 3 | 4;

const VERSIONS: readonly (readonly [string, RemoteCommandVersion])[] = [
  ['v4.channel.k8s.io', 4],
  ['v3.channel.k8s.io', 3],
  ['v2.channel.k8s.io', 2],
  ['channel.k8s.io', 1],
];

export const VERSION_HEADER = 'X-Stream-Protocol-Version';

/** What a client is told that offers none of them. */
export const ACCEPTED_VERSIONS = VERSIONS.map(([name]) => ['X-Accepted-Stream-Protocol-Versions', name] as const);

/** The versions that the client names, which it must, in its order of preference. */
export function offeredVersions({ request }: Upgrade): string[] {
  return offered(request, VERSION_HEADER.toLowerCase());
}

/** The first one that is known here. */
export function chooseVersion(
  names: readonly string[],
): { readonly name: string; readonly version: RemoteCommandVersion } | undefined {
  for (const offer of names) {
    const known = VERSIONS.find(([name]) => name === offer);
    if (known !== undefined) return { name: known[0], version: known[1] };
  }
  return undefined;
}
