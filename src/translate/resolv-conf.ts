import type { DNSConfig } from '../../generated/runtime/v1/api';
import { checkNoControl, invalid } from './checks';

/** @throws ShimError InvalidArgument for what would put a second line, or a second word, into resolv.conf. */
export function checkDns(dns: DNSConfig | undefined): void {
  for (const [name, words] of [
    ['servers', dns?.servers ?? []],
    ['searches', dns?.searches ?? []],
    ['options', dns?.options ?? []],
  ] as const) {
    for (const word of words) {
      checkNoControl(`dns_config.${name}`, word);
      if (word === '' || /\s/.test(word)) throw invalid(`dns_config.${name}`, `has a blank in ${JSON.stringify(word)}`);
    }
  }
}

/** The text of resolv.conf(5), or undefined when the pod keeps what Docker wrote. */
export function resolvConf(dns: DNSConfig | undefined): string | undefined {
  if (dns === undefined) return undefined;
  const lines = dns.servers.map((server) => `nameserver ${server}`);
  if (dns.searches.length > 0) lines.push(`search ${dns.searches.join(' ')}`);
  if (dns.options.length > 0) lines.push(`options ${dns.options.join(' ')}`);
  return lines.length === 0 ? undefined : lines.join('\n') + '\n';
}
