import type { ContainerSummary } from '../docker/types';
import { runs } from '../translate/container-state';
import { isOwnContainer } from '../translate/labels';
import { sandboxMetadata } from '../translate/names';
import { ok, warning, type Finding } from './finding';

/** The pods on the engine: how many, and how many of them a predecessor made, which will be adopted as they run. */
export function podFindings(sandboxes: readonly ContainerSummary[]): Finding[] {
  const unnamed = sandboxes.filter(({ Names: names }) => sandboxMetadata(names?.[0] ?? '') === undefined);
  const named = sandboxes.filter((sandbox) => !unnamed.includes(sandbox));
  const running = named.filter(({ State: state }) => runs(state)).length;
  const adoptable = named.filter(({ Labels: labels }) => !isOwnContainer(labels)).length;
  const adopted = adoptable === 0 ? '' : `; ${adoptable} made by a predecessor, which are adopted as they run`;
  const findings = [ok('pods', `${named.length} pod sandboxes, ${running} of them running${adopted}`)];
  for (const { Id: id, Names: names } of unnamed) {
    const says = `the container ${names?.[0] ?? id} says that it is a pod sandbox, but has no such name`;
    findings.push(warning('pods', says, `remove it if nobody misses it: docker rm -f ${id.slice(0, 12)}`));
  }
  return findings;
}
