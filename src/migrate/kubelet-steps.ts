import { minorOf } from '../doctor/kubelet-version';
import type { NodeFacts } from './node';
import type { Step } from './plan';

/** Flags of the in-tree dockershim, gone from kubelet 1.24: what they said is said to this shim instead. */
export const DOCKERSHIM_FLAGS = [
  'network-plugin',
  'cni-conf-dir',
  'cni-bin-dir',
  'cni-cache-dir',
  'network-plugin-mtu',
  'docker-endpoint',
  'image-pull-progress-deadline',
  'experimental-dockershim-root-directory',
] as const;

/** The shim's option for what a flag of the in-tree dockershim says. */
export function optionFor(flag: string): string {
  return flag === 'experimental-dockershim-root-directory' ? 'root-directory' : flag;
}

export const STOP_KUBELET: Step = {
  does: 'Stop the kubelet; the pods go on',
  commands: ['systemctl stop kubelet'],
};

/** Starting it again; the pods' containers are not restarted by it. */
export const START_KUBELET: Step = {
  does: 'Start the kubelet',
  commands: ['systemctl daemon-reload', 'systemctl start kubelet'],
};

const VERSION_UNKNOWN =
  'up to 1.26 also --container-runtime=remote, with which a kubelet from 1.27 on does not start; kubelet --version says which it is';

/** Tells the kubelet its runtime, in the way that its version understands. */
export function pointKubelet(node: NodeFacts, endpoint: string): Step[] {
  const minor = minorOf(node.kubeletVersion);
  const steps: Step[] = [];
  // 1.27 dropped --container-runtime and took containerRuntimeEndpoint into the configuration file.
  if (minor !== undefined && minor >= 27 && node.kubeadmFlags === undefined && !node.endpointFlag) {
    steps.push({
      does: `Set the endpoint in ${node.endpointFile ?? "the kubelet's configuration"}`,
      commands: [`containerRuntimeEndpoint: ${endpoint}`],
    });
  } else {
    const remote = minor !== undefined && minor < 27 ? '--container-runtime=remote ' : '';
    const notes = [...(minor === undefined ? [VERSION_UNKNOWN] : []), ...flagsToTakeAway(node)];
    steps.push({
      does: `Set the runtime among the kubelet's flags in ${flagsPlace(node)}, in place of what is there of these`,
      commands: [`${remote}--container-runtime-endpoint=${endpoint}`],
      ...(notes.length > 0 && { note: notes.join('; ') }),
    });
  }
  if (node.kubeadmFlags !== undefined) steps.push(annotateNode(node, endpoint));
  return steps;
}

function flagsToTakeAway({ dockershimFlags }: NodeFacts): string[] {
  if (dockershimFlags.length === 0) return [];
  const names = dockershimFlags.map(([name]) => `--${name}`).join(', ');
  return [`take away ${names}: a kubelet with a remote runtime ignores or refuses them`];
}

/** Where the kubelet's flags are: the endpoint's own file first, for one that comes later on the command line wins. */
export function flagsPlace({ endpointFlagFile, kubeadmFlags }: NodeFacts): string {
  return endpointFlagFile ?? kubeadmFlags ?? 'its unit';
}

/** kubeadm looks there at its next upgrade. */
function annotateNode({ nodeName }: NodeFacts, endpoint: string): Step {
  return {
    does: "Tell kubeadm, from a machine with the cluster's administration",
    commands: [`kubectl annotate node ${nodeName} --overwrite kubeadm.alpha.kubernetes.io/cri-socket=${endpoint}`],
  };
}
