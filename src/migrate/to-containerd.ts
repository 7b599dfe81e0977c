import { shellWord } from '../lib/shell-word';
import { DOCKERS_DEFAULT } from './docker-endpoint';
import { givenToContainerd } from './given';
import { pointKubelet, START_KUBELET, STOP_KUBELET } from './kubelet-steps';
import type { NodeFacts } from './node';
import type { Plan, Step } from './plan';
import { STOP_SHIM } from './stop-shim';

const CONTAINERD = 'unix:///run/containerd/containerd.sock';
/** More names than this make a command that nobody can read. */
const NAMES_IN_A_COMMAND = 20;

/**
 * Onwards to containerd. It knows nothing of Docker's containers, so the pods can't be adopted: the node is drained, and
 * they are made anew.
 */
export function planToContainerd(node: NodeFacts): Plan {
  const { nodeName, endpoint } = node;
  const crictl = `crictl --runtime-endpoint=${endpoint}`;
  return {
    title: `From Docker to containerd on ${nodeName}: the pods move away and come back`,
    given: givenToContainerd(node),
    steps: [
      {
        does: 'Move the pods to other nodes',
        commands: [`kubectl drain ${nodeName} --ignore-daemonsets --delete-emptydir-data`],
        note: 'static pods and DaemonSets stay, and are made anew below; what they keep in an emptyDir is lost',
      },
      STOP_KUBELET,
      {
        does: 'Take away what is left of the pods, with their networks',
        commands: [`${crictl} pods -q | xargs -r ${crictl} rmp -f`, `${crictl} pods -q`],
        note: 'while the shim still serves: only it gives back their addresses; go on when the second one prints nothing, not even an error: what is left would run on beside what containerd makes',
      },
      STOP_SHIM,
      {
        does: 'Give containerd its configuration, with the cgroup driver that the kubelet uses',
        commands: ['containerd config default > /etc/containerd/config.toml'],
        note: "Docker's own containerd has its CRI turned off: look for disabled_plugins in that file; and SystemdCgroup = true where the driver is systemd",
      },
      {
        does: 'Start containerd with it, now and at every boot',
        commands: ['systemctl enable containerd', 'systemctl restart containerd'],
        note: "a restart, for Docker's runs already; containers go on",
      },
      ...carryImages(node),
      ...pointKubelet(node, CONTAINERD),
      START_KUBELET,
      { does: 'Let pods come back', commands: [`kubectl uncordon ${nodeName}`] },
    ],
  };
}

/** Images that no registry has any more would be missed; the others are pulled anew when they are needed. */
function carryImages({ images: { tags, untagged }, engineEndpoint }: NodeFacts): Step[] {
  if (tags.length + untagged.length === 0) return [];
  const docker = engineEndpoint === DOCKERS_DEFAULT ? 'docker' : `docker --host=${shellWord(engineEndpoint)}`;
  const commands: string[] = [];
  for (let start = 0; start < tags.length; start += NAMES_IN_A_COMMAND) {
    const names = tags
      .slice(start, start + NAMES_IN_A_COMMAND)
      .map(shellWord)
      .join(' ');
    commands.push(`${docker} save ${names} | ctr --namespace k8s.io images import -`);
  }
  const why = 'needed only for those that no registry has, and for nodes that reach none';
  const nameless = `without a tag, the only name that docker save hands on: ${untagged.join(', ')}; docker tag what of it is needed, and save it by that`;
  return [
    {
      does: 'Carry over the images that the pods use',
      commands,
      note: untagged.length === 0 ? why : `${why}; ${nameless}`,
    },
  ];
}
