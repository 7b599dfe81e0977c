import type { Step } from './plan';

/** Its socket too: a call of the kubelet's would start the shim anew. */
export const STOP_SHIM: Step = {
  does: 'Stop the shim, and keep it from starting again',
  commands: ['systemctl disable --now dockershim.socket dockershim.service'],
};
