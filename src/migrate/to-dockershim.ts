import { givenToDockershim, spoken } from './given';
import { pointKubelet, START_KUBELET, STOP_KUBELET } from './kubelet-steps';
import type { NodeFacts } from './node';
import type { Plan, Step } from './plan';

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
      DOCTOR,
      ...configuration(node),
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
function configuration({ runtime, dockershimFlags, criDockerdFlags }: NodeFacts): Step[] {
  const fromCriDockerd = runtime === 'cri-dockerd';
  const lines = (fromCriDockerd ? criDockerdFlags : dockershimFlags).flatMap(([name, value]) => {
    if (name === 'experimental-dockershim-root-directory' || name === 'network-plugin-mtu') return [];
    if (name === 'network-plugin') return [`network-plugin: ${value === 'cni' ? 'cni' : 'bridge'}`];
    return [`${name}: ${value === '' ? '""' : value}`];
  });
  if (lines.length === 0) return [];
  const told = fromCriDockerd ? 'cri-dockerd was told' : 'the kubelet told its dockershim';
  return [{ does: `Write what ${told} into /etc/dockershim/config.yaml`, commands: lines }];
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
