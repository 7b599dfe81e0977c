import { ContainerState, PodSandboxState, type Container, type PodSandbox } from '../../generated/runtime/v1/api';
import type { ContainerSummary } from '../docker/types';
import { ok, problem, type Finding } from '../doctor/finding';
import { runs } from '../translate/container-state';
import { parseName } from '../translate/names';

/** What Docker has of pods, and what the shim says of them. */
export interface Sides {
  readonly docker: {
    readonly sandboxes: readonly ContainerSummary[];
    readonly containers: readonly ContainerSummary[];
  };
  readonly shim: { readonly sandboxes: readonly PodSandbox[]; readonly containers: readonly Container[] };
}

/** Whether the shim has taken over every pod and container that Docker has, each in the state that it is in. */
export function adoptionFindings({ docker, shim }: Sides): Finding[] {
  return [
    compared(
      'sandboxes',
      docker.sandboxes.flatMap(seenInDocker),
      shim.sandboxes.map(({ id, state }) => ({ id, running: state === PodSandboxState.SANDBOX_READY })),
    ),
    compared(
      'containers',
      docker.containers.flatMap(seenInDocker),
      shim.containers.map(({ id, state }) => ({ id, running: state === ContainerState.CONTAINER_RUNNING })),
    ),
  ];
}

interface Seen {
  readonly id: string;
  readonly running: boolean;
}

/**
 * Empty for a container that has the labels of a pod, perhaps from its image, but not the name: no runtime lists it.
 */
function seenInDocker({ Id: id, Names: names, State: state }: ContainerSummary): Seen[] {
  if (parseName(names?.[0] ?? '') === undefined) return [];
  return [{ id, running: runs(state) }];
}

function compared(subject: string, inDocker: readonly Seen[], inShim: readonly Seen[]): Finding {
  const shim = new Map(inShim.map(({ id, running }) => [id, running]));
  const missing = inDocker.filter(({ id }) => !shim.has(id));
  const differing = inDocker.filter(({ id, running }) => shim.has(id) && shim.get(id) !== running);
  const advice = 'run it again: a pod may have changed meanwhile; if it stays so, look into the log of dockershim';
  if (missing.length > 0) {
    return problem(subject, `the shim does not see ${ids(missing)} of Docker's ${inDocker.length}`, advice);
  }
  if (differing.length > 0)
    return problem(subject, `the shim sees ${ids(differing)} in another state than Docker`, advice);
  const running = inDocker.filter((one) => one.running).length;
  return ok(subject, `the shim sees all ${inDocker.length} that Docker has, ${running} of them running`);
}

function ids(seen: readonly Seen[]): string {
  const shown = seen.slice(0, 3).map(({ id }) => id.slice(0, 12));
  return shown.join(', ') + (seen.length > shown.length ? ` and ${seen.length - shown.length} more` : '');
}
