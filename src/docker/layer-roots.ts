import { join } from 'node:path';
import type { EngineInfo } from './types';

/** Where a containerd of its own keeps its state, when the engine doesn't run one under its root directory. */
const SYSTEM_CONTAINERD_ROOT = '/var/lib/containerd';
const SNAPSHOTTER = 'io.containerd.snapshotter.v1';

/**
 * Directories that may have the layers of images and containers; the first that exists does. An engine that keeps images
 * in containerd names the snapshotter's plugin; that has a directory in containerd's root.
 */
export function layerRoots(info: EngineInfo): string[] {
  const { DockerRootDir: root, Driver: driver } = info;
  if (!keepsImagesInContainerd(info)) return [root];
  const ownContainerdRoot = join(root, 'containerd', 'daemon');
  return [...[ownContainerdRoot, SYSTEM_CONTAINERD_ROOT].map((at) => join(at, `${SNAPSHOTTER}.${driver}`)), root];
}

/** Whether the engine keeps its images in containerd: Docker 29 does, and from 24 on those that are told to. */
export function keepsImagesInContainerd({ DriverStatus: status }: EngineInfo): boolean {
  return status?.some(([name, value]) => name === 'driver-type' && value === SNAPSHOTTER) ?? false;
}
