import { version } from '../../package.json';
import { NEWEST_API, OLDEST_API } from '../docker/api-version';

/** Put in by the build, such as `faef431 of 2026-11-22`; missing when the sources run unbundled. */
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
