import { DOCKERS_DEFAULT } from './docker-endpoint';
import type { NodeFacts, Runtime } from './node';

/** What a plan to this shim rests on: it adopts pods that Docker runs, and no others. */
export function givenToDockershim(node: NodeFacts): string[] {
  const { runtime, pods, endpoint } = node;
  return [
    kubelet(node),
    ...engine(node),
    `${pods.all} pods on the engine, ${pods.adoptable} of them made by a predecessor: they are adopted as they run`,
    ...(runtime === 'containerd'
      ? ['the kubelet uses containerd: its pods are not adopted, so drain the node first']
      : []),
    `the shim's endpoint is ${endpoint}`,
  ];
}

/** What the way back rests on. Whoever made the pods: this shim's are in the predecessors' format too. */
export function givenToRollback(node: NodeFacts): string[] {
  const { pods, endpoint } = node;
  return [
    kubelet(node),
    ...engine(node),
    `${pods.all} pods on the engine: the runtime before adopts them as they run`,
    `the shim's endpoint is ${endpoint}`,
  ];
}

/** What the way onwards rests on. */
export function givenToContainerd(node: NodeFacts): string[] {
  const { pods } = node;
  return [
    kubelet(node),
    ...engine(node),
    `${pods.all} pods on the engine: containerd adopts none of them, so they are made anew`,
  ];
}

/** A runtime in the title of a plan. */
export function spoken(runtime: Runtime): string {
  return runtime === 'in-tree' ? "the kubelet's own dockershim" : runtime;
}

function kubelet({ runningVersion, kubeletVersion, kubeletRuns }: NodeFacts): string {
  if (runningVersion !== undefined && runningVersion !== kubeletVersion) {
    const next = kubeletVersion ?? 'one of a version that is not known';
    return `kubelet ${runningVersion} runs, and ${next} is what starts next: the steps are for that`;
  }
  if (kubeletVersion !== undefined) return `kubelet ${kubeletVersion}`;
  return kubeletRuns ? 'a kubelet runs, whose version is not known' : 'no kubelet was found';
}

/** Where it was asked, unless that is where everybody looks. */
function engine({ engineEndpoint }: NodeFacts): string[] {
  return engineEndpoint === DOCKERS_DEFAULT ? [] : [`the engine is asked on ${engineEndpoint}`];
}
