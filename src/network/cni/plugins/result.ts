import { isIP, isIPv4 } from 'node:net';
import type { NetworkConfig } from '../configuration/network-config';
import { isJsonObject, objectsOf, stringsOf, type JsonObject } from '../json';
import { isAtLeast } from '../configuration/spec-version';

/** What ADD answers with. Kept as it came, so that a later plugin sees all that an earlier one said. */
export type AddResult = JsonObject;

/**
 * The result in the form of a version: 0.3.0 to 0.4.0 name the IP version of each address, 1.0.0 and later don't, and
 * the versions before 0.3.0 have one address of each in fields of their own. Plugins take only their own version.
 */
export function convertResult(result: AddResult, version: string): AddResult {
  if (result.cniVersion === version || !isAtLeast(version, '0.3.0')) return result;
  const { ip4, ip6, ...rest } = result;
  const ips = [...objectsOf(rest.ips), ...[ip4, ip6].filter(isJsonObject).map(fromOldAddress)];
  return { ...rest, cniVersion: version, ips: ips.map((ip) => inVersion(ip, version)) };
}

function fromOldAddress({ ip, gateway }: JsonObject): JsonObject {
  return { address: ip, ...(gateway !== undefined && { gateway }) };
}

function inVersion({ version: _, ...ip }: JsonObject, version: string): JsonObject {
  if (isAtLeast(version, '1.0.0')) return ip;
  return { version: isIPv4(withoutPrefix(String(ip.address))) ? '4' : '6', ...ip };
}

/** What DEL and CHECK are told of ADD's result: nothing before 0.4.0, then the result in the configuration's version. */
export function knownResult({ cniVersion }: NetworkConfig, result: AddResult | undefined): AddResult | undefined {
  if (result === undefined || !isAtLeast(cniVersion, '0.4.0')) return undefined;
  return convertResult(result, cniVersion);
}

/** The pod's own addresses in a result of any version, IPv4 first, otherwise in the plugin's order. */
export function addressesOf(result: AddResult, ifName: string): string[] {
  const addresses = ownAddresses(result, ifName).map(withoutPrefix);
  const valid = [...new Set(addresses)].filter((address) => isIP(address) !== 0);
  return [...valid.filter(isIPv4), ...valid.filter((address) => !isIPv4(address))];
}

/** The same with the lengths of their prefixes, such as `10.1.0.7/24`, in the plugin's order. */
export function prefixedAddressesOf(result: AddResult, ifName: string): string[] {
  return ownAddresses(result, ifName).filter((address) => isIP(withoutPrefix(address)) !== 0);
}

/** The addresses of the pod's interface; all of them when the result does not say whose they are. */
function ownAddresses(result: AddResult, ifName: string): string[] {
  const inOneForm = convertResult(result, '1.0.0');
  const interfaces = objectsOf(inOneForm.interfaces);
  const ips = objectsOf(inOneForm.ips);
  const own = ips.filter(({ interface: index }) => {
    const owner = typeof index === 'number' ? interfaces[index] : undefined;
    return owner === undefined || owner.name === ifName;
  });
  return stringsOf((own.length > 0 ? own : ips).map(({ address }) => address));
}

function withoutPrefix(address: string): string {
  return address.split('/')[0] ?? '';
}
