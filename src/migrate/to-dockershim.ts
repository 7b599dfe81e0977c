import { stringify } from 'yaml';
import { givenToDockershim, spoken } from './given';
import { optionFor, pointKubelet, START_KUBELET, STOP_KUBELET } from './kubelet-steps';
import type { NodeFacts } from './node';
import type { Plan, Step } from './plan';

/** When the shim has its configuration, by which the doctor judges the node. */
const DOCTOR: Step = { does: 'See that the node is ready: no line may say problem', commands: ['dockershim doctor'] };
const CHECK: Step = { does: 'See that every pod was taken over', commands: ['dockershim migrate check'] };
/**
 * Anew, where its package has started it: it takes most of its configuration only then. Its socket too: a kubelet with a
 * dockershim of its own has bound the same path.
 */
const START_SHIM: Step = {
  does: 'Start the shim with its configuration, now and at every boot',
  commands: [
    'systemctl enable dockershim.socket dockershim.service',
    'systemctl restart dockershim.socket dockershim.service',
  ],
};

/** From the kubelet's own dockershim, up to 1.23, or from cri-dockerd: the pods run on and are adopted. */
export function planToDockershim(node: NodeFacts): Plan {
  return {
    title: title(node),
    given: givenToDockershim(node),
    steps: [
      ...configuration(node),
      DOCTOR,
      STOP_KUBELET,
      ...withoutCriDockerd(node),
      START_SHIM,
      ...pointKubelet(node, node.endpoint),
      START_KUBELET,
      CHECK,
    ],
  };
}

function title({ runtime, nodeName }: NodeFacts): string {
  if (runtime === undefined) return `To dockershim on ${nodeName}`;
  if (runtime === 'dockershim') return `To dockershim on ${nodeName}, where the kubelet uses it already`;
  return `From ${spoken(runtime)} to dockershim on ${nodeName}`;
}

/** What the runtime before was told by flags, the shim is told by its configuration. */
function configuration(node: NodeFacts): Step[] {
  const fromCriDockerd = node.runtime === 'cri-dockerd';
  const told = fromCriDockerd ? 'cri-dockerd was told' : 'the kubelet told its dockershim';
  const does = `Write what ${told} into /etc/dockershim/config.yaml`;
  const flags = fromCriDockerd ? node.criDockerdFlags : inTreeFlags(node);
  if (flags === undefined) {
    return [{ does, commands: ['systemctl cat cri-docker.service'], note: 'it does not run: its flags are there' }];
  }
  const lines = flags.flatMap(([name, value]) => {
    if (name === 'network-plugin-mtu') return [];
    return [line(optionFor(name), name === 'network-plugin' && value !== 'cni' ? 'bridge' : value)];
  });
  return lines.length === 0 ? [] : [{ does, commands: lines }];
}

/** A kubelet that serves its own dockershim and has no --network-plugin has its pods on Docker's bridge. */
function inTreeFlags({ runtime, kubeletRuns, dockershimFlags }: NodeFacts): NodeFacts['dockershimFlags'] {
  const serves = runtime === 'in-tree' && kubeletRuns;
  if (!serves || dockershimFlags.some(([name]) => name === 'network-plugin')) return dockershimFlags;
  return [['network-plugin', ''], ...dockershimFlags];
}

/** Of YAML, with quotes where a value would be misread without. */
function line(name: string, value: string): string {
  return stringify({ [name]: value }, { lineWidth: 0 }).trimEnd();
}

function withoutCriDockerd({ criDockerdUnits: units }: NodeFacts): Step[] {
  if (units.length === 0) return [];
  return [
    {
      does: 'Stop cri-dockerd, and keep it from starting again',
      commands: [`systemctl disable --now ${units.join(' ')}`],
      note: 'keep its package until you are sure: migrate rollback needs it',
    },
  ];
}
