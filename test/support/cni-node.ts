import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian's containernetworking-plugins are. */
export const DEBIAN_PLUGINS = '/usr/lib/cni';

const BRIDGE = 'cni-node0';
const NAME = 'cni-node';
const SUBNET = { 4: '10.190.0.0/24', 6: 'fd90::/64' } as const;
const OF_POD = /\b10\.190\.0\.(?!0\/)\d+|\bfd90::(?!\/)[0-9a-f]+/;

/** A node with a network of CNI plugins, for IPv4 and IPv6: its files, and what there is of pods. */
export class CniNode {
  /** Of `dockershim serve`. */
  readonly flags: readonly string[];

  private constructor(private readonly directory: string) {
    this.flags = [
      '--network-plugin=cni',
      `--cni-conf-dir=${this.path('conf')}`,
      `--cni-bin-dir=${DEBIAN_PLUGINS},${this.path('bin')}`,
      `--cni-cache-dir=${this.path('cache')}`,
    ];
  }

  /** A node whose network is to be configured. */
  static empty(): CniNode {
    return new CniNode(mkdtempSync(join(tmpdir(), 'dockershim-cni-')));
  }

  /** With Debian's bridge, host-local, portmap, bandwidth, firewall and tuning. */
  static withNetwork(): CniNode {
    const node = CniNode.empty();
    const ranges = [[{ subnet: SUBNET[4] }], [{ subnet: SUBNET[6] }]];
    const ipam = { type: 'host-local', ranges, dataDir: node.path('addresses') };
    node.configure('10-node.conflist', {
      name: NAME,
      cniVersion: '1.0.0',
      plugins: [
        { type: 'bridge', bridge: BRIDGE, isDefaultGateway: true, ipMasq: true, hairpinMode: true, ipam },
        { type: 'portmap', capabilities: { portMappings: true }, snat: true },
        { type: 'bandwidth', capabilities: { bandwidth: true } },
        { type: 'firewall' },
        { type: 'tuning', sysctl: { 'net.core.somaxconn': '500' } },
      ],
    });
    node.acceptForwarded('--insert');
    return node;
  }

  configure(file: string, network: object): void {
    mkdirSync(this.path('conf'), { recursive: true });
    writeFileSync(this.path('conf', file), JSON.stringify(network));
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  /** Until the host may use its own IPv6 address on the pods' network: the kernel looks for another owner first. */
  async hasIpv6(): Promise<void> {
    while (lines('ip', '-6', 'addr', 'show', 'dev', BRIDGE, 'scope', 'global', 'tentative').join('') !== '') {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** All that there is of pods, by its kind; `ifb` links are bandwidth's. */
  left(): Record<'addresses' | 'cache entries' | 'links' | 'rules', string[]> {
    const links = ['veth', 'ifb'].flatMap((type) => lines('ip', '-o', 'link', 'show', 'type', type));
    const rules = ['iptables-save', 'ip6tables-save'].flatMap((command) => lines(command));
    return {
      addresses: this.entries('addresses', NAME).filter((name) => /^(10\.|fd90)/.test(name)),
      'cache entries': this.entries('cache', 'results'),
      links: links.filter((link) => link.includes(`master ${BRIDGE}`) || link.includes(': bwp')),
      rules: rules.filter((rule) => rule.includes(`name: \\"${NAME}\\"`) || OF_POD.test(rule)),
    };
  }

  /** Takes everything away but the pods. */
  remove(): void {
    if (existsSync(this.path('conf/10-node.conflist'))) this.acceptForwarded('--delete');
    if (existsSync(`/sys/class/net/${BRIDGE}`)) execFileSync('ip', ['link', 'del', BRIDGE]);
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** An engine that has turned on forwarding by itself drops what it doesn't know: README.md. */
  private acceptForwarded(how: '--insert' | '--delete'): void {
    execFileSync('iptables', ['-w', how, 'FORWARD', '-d', SUBNET[4], '-j', 'ACCEPT']);
    execFileSync('ip6tables', ['-w', how, 'FORWARD', '-d', SUBNET[6], '-j', 'ACCEPT']);
  }

  private entries(...names: string[]): string[] {
    const place = this.path(...names);
    return existsSync(place) ? readdirSync(place).filter((name) => !name.startsWith('.')) : [];
  }
}

function lines(command: string, ...args: string[]): string[] {
  return execFileSync(command, args, { encoding: 'utf8' }).split('\n');
}
