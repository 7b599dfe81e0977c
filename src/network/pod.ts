/** A pod as a CNI plugin may ask about it. */
export interface CniPod {
  readonly sandboxId: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** The path of the network namespace; '' when it is gone, which DEL must cope with. */
  readonly netns: string;
  readonly portMappings: readonly CniPortMapping[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly dns: CniDns | undefined;
  readonly cgroupParent: string;
}

export interface CniPortMapping {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly containerPort: number;
  /** 0 is no host port. */
  readonly hostPort: number;
  /** '' is every address of the host. */
  readonly hostIp: string;
}

export interface CniDns {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}
