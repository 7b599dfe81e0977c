import { minorOf } from '../doctor/kubelet-version';
import { givenToRollback, spoken } from './given';
import { flagsPlace, START_KUBELET, STOP_KUBELET, pointKubelet } from './kubelet-steps';
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

function inTree(node: NodeFacts): Step[] {
  return [
    {
      does: `Give the kubelet its flags back, in ${flagsPlace(node)}`,
      commands: ['--container-runtime=docker --network-plugin=cni'],
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
