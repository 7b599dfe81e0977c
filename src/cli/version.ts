import { version } from '../../package.json';
import { NEWEST_API, OLDEST_API } from '../docker/api-version';

/** The build puts it in, as `faef431 of 2026-11-22`; there is none when the sources run as they are. */
declare const DOCKERSHIM_BUILT_FROM: string | undefined;

/** The text of `dockershim --version`; its first line is for programs. */
export function versionText(): string {
  const builtFrom = typeof DOCKERSHIM_BUILT_FROM === 'string' ? DOCKERSHIM_BUILT_FROM : 'sources';
  return `dockershim ${version}
built from:  ${builtFrom}
CRI:         v1, v1alpha2
Docker API:  ${OLDEST_API} to ${NEWEST_API}
Node:        ${process.version}, ${process.platform}/${process.arch}
`;
}
