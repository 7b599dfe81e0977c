import { join } from 'node:path';
import type { EngineInfo } from './types';

/** Where a containerd of its own keeps its state, when the engine doesn't run one under its root directory. */
const SYSTEM_CONTAINERD_ROOT = '/var/lib/containerd';
const SNAPSHOTTER = 'io.containerd.snapshotter.v1';

/**
 * Directories that may have the layers of images and containers; the first that exists does. An engine that keeps images
 * in containerd names the snapshotter's plugin; that has a directory in containerd's root.
 */
export function layerRoots({ DockerRootDir: root, Driver: driver, DriverStatus: status }: EngineInfo): string[] {
  const inContainerd = status?.some(([name, value]) => name === 'driver-type' && value === SNAPSHOTTER) ?? false;
  if (!inContainerd) return [root];
  const ownContainerdRoot = join(root, 'containerd', 'daemon');
  return [...[ownContainerdRoot, SYSTEM_CONTAINERD_ROOT].map((at) => join(at, `${SNAPSHOTTER}.${driver}`)), root];
}
