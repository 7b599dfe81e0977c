/**
 * crun's name for the cgroup that it makes in a container's scope of systemd: the processes and all limits are in there
 * (crun(1), run.oci.systemd.subgroup).
 */
const CRUN_SUBGROUP = 'container';

/**
 * The cgroup that the engine named after a container, in its pod's.
 * @param path of a process's cgroup.
 * @returns undefined when the path leads through no cgroup of that container.
 */
export function namedCgroup(path: string, containerId: string): string | undefined {
  const at = path.indexOf(containerId);
  if (at < 0) return undefined;
  const end = path.indexOf('/', at);
  return end < 0 ? path : path.slice(0, end);
}

/**
 * The cgroup with a container's processes and limits: the named one, unless the runtime made one more in there. What was
 * made inside of the container, by an init system, is not meant.
 */
export function ownCgroup(path: string, containerId: string): string | undefined {
  const named = namedCgroup(path, containerId);
  if (!named?.endsWith('.scope')) return named;
  const below = `${named}/${CRUN_SUBGROUP}`;
  return `${path}/`.startsWith(`${below}/`) ? below : named;
}
