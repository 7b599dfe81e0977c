import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

const [NEAR_LINK, FAR_LINK] = ['ds-near', 'ds-far'];

/** The host's addresses on the cable to it. */
export const HOST_ADDRESSES = { first: '192.0.2.1', second: '192.0.2.2', ipv6: 'fd00:192::1' } as const;

/** Another machine on a network with the host, to test what is reached from outside: a namespace, and a cable to it. */
export class AnotherMachine {
  private constructor(private readonly name: string) {}

  static connect(): AnotherMachine {
    // The names of namespaces are files, which several engine rooms share.
    const name = `dockershim-far-${randomBytes(3).toString('hex')}`;
    ip('netns', 'add', name);
    ip('link', 'add', NEAR_LINK, 'type', 'veth', 'peer', 'name', FAR_LINK, 'netns', name);
    const { first, second, ipv6 } = HOST_ADDRESSES;
    for (const address of [`${first}/24`, `${second}/24`]) ip('addr', 'add', address, 'dev', NEAR_LINK);
    ip('addr', 'add', `${ipv6}/64`, 'dev', NEAR_LINK, 'nodad');
    ip('-n', name, 'addr', 'add', '192.0.2.9/24', 'dev', FAR_LINK);
    ip('-n', name, 'addr', 'add', 'fd00:192::9/64', 'dev', FAR_LINK, 'nodad');
    ip('link', 'set', NEAR_LINK, 'up');
    ip('-n', name, 'link', 'set', FAR_LINK, 'up');
    return new AnotherMachine(name);
  }

  get netns(): string {
    return `/var/run/netns/${this.name}`;
  }

  /** The cable goes with the namespace that one of its ends is in. */
  disconnect(): void {
    ip('netns', 'del', this.name);
  }
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}
