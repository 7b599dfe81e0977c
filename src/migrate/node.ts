import { minorOf } from '../doctor/kubelet-version';
import type { PodImages } from './pod-images';

/** Whose pods a node's kubelet runs. */
export const RUNTIMES = ['in-tree', 'cri-dockerd', 'dockershim', 'containerd'] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** What a plan needs to know of the node. */
export interface NodeFacts {
  readonly nodeName: string;
  /** The runtime that the kubelet uses now, as far as it can be told. */
  readonly runtime: Runtime | undefined;
  /** When it does not run, flags that its unit has are not known. */
  readonly kubeletRuns: boolean;
  /** The version of the kubelet that runs, such as `1.23.17`; nothing when it is not known. */
  readonly runningVersion: string | undefined;
  /** Of the one that the plan starts, which reads the flags: it is newer where the package was replaced meanwhile. */
  readonly kubeletVersion: string | undefined;
  /** The file of the kubelet's configuration that has its runtime's endpoint, or where that goes, when there is one. */
  readonly endpointFile: string | undefined;
  /** Whether a flag tells the kubelet the endpoint, which goes before every file. */
  readonly endpointFlag: boolean;
  /** The file that has that flag, when it is a file of flags and not the kubelet's unit. */
  readonly endpointFlagFile: string | undefined;
  /** The file with kubeadm's flags of the kubelet, when kubeadm made the node. */
  readonly kubeadmFlags: string | undefined;
  /** The flags of the kubelet that are the in-tree dockershim's, with their values. */
  readonly dockershimFlags: readonly (readonly [name: string, value: string])[];
  /** What cri-dockerd was told by flags, of what this shim has an option for; nothing is known when it does not run. */
  readonly criDockerdFlags: readonly (readonly [name: string, value: string])[] | undefined;
  /** Where this shim serves, `unix:///PATH`. */
  readonly endpoint: string;
  /** Where the engine was asked, `unix:///PATH`. */
  readonly engineEndpoint: string;
  /** What this shim is told, by its options' names. */
  readonly shimOptions: ReadonlyMap<string, string>;
  /** Pods on the engine, and those among them that a predecessor made. */
  readonly pods: { readonly all: number; readonly adoptable: number };
  readonly images: PodImages;
  /** The units of cri-dockerd that are installed, such as `cri-docker.socket`. */
  readonly criDockerdUnits: readonly string[];
}

/**
 * The runtime that a kubelet uses. Up to 1.23 `docker`, the in-tree dockershim, was the default; 1.24 took it out.
 * @param runtime the value of --container-runtime
 * @param serving what serves on the endpoint that the kubelet is told, when anything does
 */
export function runtimeOf(
  kubelet: { version: string | undefined; endpoint: string | undefined; runtime: string | undefined },
  serving: Runtime | undefined,
): Runtime | undefined {
  const minor = minorOf(kubelet.version);
  if (minor !== undefined && minor < 24 && kubelet.runtime !== 'remote') return 'in-tree';
  if (serving !== undefined) return serving;
  const { endpoint = '' } = kubelet;
  if (endpoint.includes('cri-dockerd')) return 'cri-dockerd';
  if (endpoint.includes('containerd')) return 'containerd';
  if (endpoint.includes('dockershim')) return 'dockershim';
  return undefined;
}
