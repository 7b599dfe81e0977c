import type { ContainerInspect } from '../../src/docker/types';

const SANDBOX_LABEL = 'io.kubernetes.sandbox.id';
const LOG_PATH_LABEL = 'io.kubernetes.container.logpath';
const TYPE_LABEL = 'io.kubernetes.docker.type';

/**
 * What the in-tree dockershim and cri-dockerd read of a container, in the way in which they do: all that they list it
 * by, tell of it, and need to stop and remove it. They show labels that they don't know as CRI's.
 * @throws Error where they pass the container over
 */
export function readAsPredecessor({ Name, Config, HostConfig, Mounts }: ContainerInspect) {
  const labels = Config.Labels ?? {};
  const type = labels[TYPE_LABEL];
  const [prefix, container, pod, namespace, uid, attempt = '', suffix, ...more] = Name.replace(/^\//, '').split('_');
  if (prefix !== 'k8s' || more.length > 0 || !/^\d+$/.test(attempt)) throw new Error(`they do not know ${Name}`);
  const annotations = Object.entries(labels).filter(([key]) => key.startsWith('annotation.'));
  const what =
    type === 'podsandbox'
      ? {
          type,
          metadata: { name: pod, namespace, uid, attempt: Number(attempt) },
          // Any other mode is the pod's own.
          onHost: [HostConfig.NetworkMode, HostConfig.PidMode, HostConfig.IpcMode].map((mode) => mode === 'host'),
          hostPorts: HostConfig.PortBindings ?? {},
        }
      : {
          type,
          metadata: { name: container, attempt: Number(attempt) },
          sandboxId: labels[SANDBOX_LABEL],
          logPath: labels[LOG_PATH_LABEL],
          mounts: (Mounts ?? []).map(({ Source, Destination, RW }) => [Source, Destination, RW]),
        };
  return {
    ...what,
    suffix,
    image: Config.Image,
    labels: Object.fromEntries(
      Object.entries(labels).filter(
        ([key]) => ![TYPE_LABEL, SANDBOX_LABEL, LOG_PATH_LABEL].includes(key) && !key.startsWith('annotation.'),
      ),
    ),
    annotations: Object.fromEntries(annotations.map(([key, value]) => [key.slice('annotation.'.length), value])),
  };
}
