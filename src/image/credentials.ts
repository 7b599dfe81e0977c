import type { AuthConfig } from '../../generated/runtime/v1/api';
import type { RegistryAuth } from '../docker/types';
import { ShimError } from '../lib/errors';

/** Docker's name for the credentials of docker.io; an engine that keeps images in containerd looks for this very text. */
const DOCKER_HUB_ADDRESS = 'https://index.docker.io/v1/';
const DOCKER_HUB_HOSTS: readonly string[] = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/**
 * CRI's credentials as Docker takes them, for a pull from `registry`; undefined for none. The registry is always named:
 * an engine that keeps images in containerd sends credentials without an address to Docker Hub alone.
 * @throws ShimError InvalidArgument when `auth` is not base64 of user:password. No message repeats a secret.
 */
export function registryAuth(auth: AuthConfig | undefined, registry: string): RegistryAuth | undefined {
  if (auth === undefined) return undefined;
  const account = auth.username === '' ? decodeAuth(auth.auth) : { username: auth.username, password: auth.password };
  const given = {
    ...account,
    ...(auth.identityToken !== '' && { identitytoken: auth.identityToken }),
    ...(auth.registryToken !== '' && { registrytoken: auth.registryToken }),
  };
  if (Object.keys(given).length === 0) return undefined;
  return { ...given, serveraddress: isDockerHub(registry) ? DOCKER_HUB_ADDRESS : registry };
}

/** Whether credentials for `serverAddress` (a host or a URL; empty is any) may be sent to `registry`. */
export function isMeantFor(serverAddress: string, registry: string): boolean {
  if (serverAddress === '') return true;
  const host = serverAddress.replace(/^https?:\/\//i, '').replace(/\/.*$/s, '');
  return host.toLowerCase() === registry.toLowerCase() || (isDockerHub(host) && isDockerHub(registry));
}

function isDockerHub(host: string): boolean {
  return DOCKER_HUB_HOSTS.includes(host.toLowerCase());
}

/** Docker's own config files end the password with NULs at times, and leave out the padding at others. */
function decodeAuth(auth: string): { username: string; password: string } | undefined {
  const packed = auth.replace(/\s/g, '').replace(/=+$/, '');
  if (packed === '') return undefined;
  if (!/^[\w+/-]+$/.test(packed) || packed.length % 4 === 1) throw undecodable('it is not base64');
  const text = Buffer.from(packed, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) throw undecodable('there is no ":" in it');
  return { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}

function undecodable(why: string): ShimError {
  return new ShimError(
    'InvalidArgument',
    `auth.auth must be base64 of user:password, but ${why}: check the pull secret`,
  );
}
