import { minorOf } from '../doctor/kubelet-version';
import { DOCKERS_DEFAULT } from './docker-endpoint';
import { givenToRollback, spoken } from './given';
import type { DOCKERSHIM_FLAGS } from './kubelet-steps';
import { flagsPlace, optionFor, START_KUBELET, STOP_KUBELET, pointKubelet } from './kubelet-steps';
import type { NodeFacts } from './node';
import type { Plan, Step } from './plan';
import { STOP_SHIM } from './stop-shim';

const CRI_DOCKERD = 'unix:///run/cri-dockerd.sock';

/** Back to the runtime before: the shim's pods are in the predecessors' format, so those adopt them in turn. */
export function planRollback(node: NodeFacts): Plan {
  const minor = minorOf(node.kubeletVersion);
  const toInTree = minor !== undefined && minor < 24 && node.criDockerdUnits.length === 0;
  return {
    title: `Back from dockershim to ${spoken(toInTree ? 'in-tree' : 'cri-dockerd')} on ${node.nodeName}`,
    given: givenToRollback(node),
    steps: [
      STOP_KUBELET,
      STOP_SHIM,
      ...(toInTree ? inTree(node) : criDockerd(node)),
      START_KUBELET,
      {
        does: 'See that the node is ready and its pods are as they were',
        commands: [
          `kubectl get node ${node.nodeName}`,
          `kubectl get pods -A --field-selector spec.nodeName=${node.nodeName}`,
        ],
      },
    ],
  };
}

/** What the kubelet takes without a flag of its dockershim's; this shim has no option for the MTU. */
const WITHOUT_FLAG: Readonly<Record<Exclude<(typeof DOCKERSHIM_FLAGS)[number], 'network-plugin-mtu'>, string>> = {
  'network-plugin': 'bridge',
  'cni-conf-dir': '/etc/cni/net.d',
  'cni-bin-dir': '/opt/cni/bin',
  'cni-cache-dir': '/var/lib/cni/cache',
  'docker-endpoint': DOCKERS_DEFAULT,
  'image-pull-progress-deadline': '1m0s',
  'experimental-dockershim-root-directory': '/var/lib/dockershim',
};

/** The way here moved them into the shim's configuration. On Docker's bridge those of CNI say nothing. */
function flagsOfInTree({ shimOptions }: NodeFacts): string[] {
  const bridge = shimOptions.get('network-plugin') === 'bridge';
  return Object.entries(WITHOUT_FLAG).flatMap(([flag, absent]) => {
    const value = shimOptions.get(optionFor(flag)) ?? absent;
    return value === absent || (bridge && flag.startsWith('cni-')) ? [] : [`--${flag}=${value}`];
  });
}

function inTree(node: NodeFacts): Step[] {
  return [
    {
      does: `Give the kubelet its flags back, in ${flagsPlace(node)}`,
      commands: [['--container-runtime=docker', ...flagsOfInTree(node)].join(' ')],
      note: 'and take --container-runtime-endpoint away',
    },
  ];
}

function criDockerd(node: NodeFacts): Step[] {
  const units = node.criDockerdUnits.length > 0 ? node.criDockerdUnits.join(' ') : 'cri-docker.socket';
  return [
    {
      does: 'Start cri-dockerd',
      commands: [`systemctl enable --now ${units}`],
      note: 'it finds the pods by their names and labels, as this shim found its',
    },
    ...pointKubelet(node, CRI_DOCKERD),
  ];
}
