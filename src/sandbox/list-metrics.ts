import type {
  ContainerMetrics,
  ListMetricDescriptorsRequest,
  ListMetricDescriptorsResponse,
  ListPodSandboxMetricsRequest,
  ListPodSandboxMetricsResponse,
  PodSandboxMetrics,
} from '../../generated/runtime/v1/api';
import type { ContainerIndex } from '../index/container-index';
import { idsOf, type NodeContainer, type NodeSandbox } from '../index/node-record';
import type { CallContext } from '../lib/call-context';
import { inParts } from '../lib/in-parts';
import type { ContainerMeter } from '../stats/container-meter';
import { deviceNames } from '../stats/device-names';
import type { LayerStore } from '../stats/layer-store';
import type { PodMeter } from '../stats/pod-meter';
import { containerMetrics, metricDescriptors, podMetrics, type WhosePod } from '../translate/metrics/pod-metrics';
import { byPod } from './by-pod';

export interface ListPodSandboxMetricsNeeds {
  readonly index: Pick<ContainerIndex, 'sandboxes' | 'containers'>;
  readonly podMeter: Pick<PodMeter, 'read'>;
  readonly containerMeter: Pick<ContainerMeter, 'readInDetail'>;
  readonly store: Pick<LayerStore, 'fileSystem'>;
}

/** ListMetricDescriptors: the kubelet asks once, and knows no metric that is not among them. */
export function listMetricDescriptors() {
  return (_request: ListMetricDescriptorsRequest): Promise<ListMetricDescriptorsResponse> =>
    Promise.resolve({ descriptors: metricDescriptors() });
}

/** ListPodSandboxMetrics: the pods that run, newest first, each with its containers that run. */
export function listPodSandboxMetrics(needs: ListPodSandboxMetricsNeeds) {
  return (_request: ListPodSandboxMetricsRequest, ctx: CallContext) => measureAll(needs, ctx);
}

async function* measureAll(
  needs: ListPodSandboxMetricsNeeds,
  ctx: CallContext,
): AsyncGenerator<ListPodSandboxMetricsResponse> {
  const all = await Promise.all([needs.index.sandboxes(ctx), needs.index.containers(ctx)]);
  const sandboxes = all[0].filter(({ running }) => running);
  const containers = all[1].filter(({ running }) => running);
  const [pods, readings, fileSystem] = await Promise.all([
    needs.podMeter.read(ctx, idsOf(sandboxes)),
    needs.containerMeter.readInDetail(ctx, idsOf(containers)),
    needs.store.fileSystem(ctx),
  ]);
  const deviceName = deviceNames();
  const metricsOf = (whose: WhosePod, { id, status }: NodeContainer): ContainerMetrics[] => {
    const reading = readings.get(id);
    if (reading === undefined) return [];
    const { startedAt, resources, image, metadata } = status;
    return [
      containerMetrics(
        { ...whose, container: metadata?.name ?? '', id, image: image?.image ?? '' },
        { reading, fileSystem, deviceName, startedAt, resources: resources?.linux },
      ),
    ];
  };
  const members = byPod(containers);
  const metricsOfPod = (sandbox: NodeSandbox): PodSandboxMetrics => {
    const whose = whoseOf(sandbox);
    const inside = (members.get(sandbox.id) ?? []).flatMap((container) => metricsOf(whose, container));
    return podMetrics(whose, pods.get(sandbox.id), inside);
  };
  for await (const some of inParts(ctx, sandboxes)) yield { podMetrics: some.map(metricsOfPod) };
}

function whoseOf({ id, facts }: NodeSandbox): WhosePod {
  return { id, pod: facts.metadata?.name ?? '', namespace: facts.metadata?.namespace ?? '' };
}
