import { statfs } from 'node:fs/promises';
import type { Engine } from '../../docker/engine';
import type { EngineFacts } from '../../docker/engine-facts';
import { KeptKernelFiles } from '../../host/kept-kernel-files';
import type { CallContext } from '../../lib/call-context';
import { HOST_CLOCK } from '../../lib/clock';
import { ContainerMeter } from '../../stats/container-meter';
import { LayerStore } from '../../stats/layer-store';
import { PodMeter } from '../../stats/pod-meter';

/** Each running container or pod uses six. A process that was told nothing else may have at least 4096 files open. */
const MOST_KERNEL_FILES = 2048;

/**
 * What measures containers, pods and the disk that layers are on.
 * @param facts the last known: cgroups need no engine, so nobody waits for one that hangs.
 */
export function meterParts(
  engine: Pick<Engine, 'inspectContainer'>,
  facts: (ctx: CallContext) => Promise<EngineFacts>,
  hugepageSizes: readonly string[],
) {
  const kernelFiles = new KeptKernelFiles(MOST_KERNEL_FILES);
  const readFile = (path: string) => kernelFiles.read(path);
  return {
    kernelFiles,
    containerMeter: new ContainerMeter(engine, HOST_CLOCK, hugepageSizes, readFile),
    podMeter: new PodMeter(engine, HOST_CLOCK, readFile),
    store: new LayerStore({ facts, statfs }),
  };
}
