import type { Capability } from '../../../generated/runtime/v1/api';
import type { HostConfig } from '../../docker/types';
import { invalid, unimplemented } from '../checks';

/** @throws ShimError InvalidArgument or Unimplemented, naming the field. */
export function checkCapabilities(field: string, capabilities: Capability | undefined): void {
  if (capabilities === undefined) return;
  checkNames(`${field}.add_capabilities`, capabilities.addCapabilities);
  checkNames(`${field}.drop_capabilities`, capabilities.dropCapabilities);
  if (capabilities.addAmbientCapabilities.length > 0) {
    throw unimplemented(`${field}.add_ambient_capabilities`, 'Docker cannot set ambient capabilities');
  }
}

/** Which of them the kernel has, Docker knows. */
function checkNames(field: string, names: readonly string[]): void {
  const wrong = names.find((name) => !/^[A-Za-z_]+$/.test(name));
  if (wrong !== undefined) throw invalid(field, `has no capability in ${JSON.stringify(wrong)}`);
}

/**
 * CRI drops after it has added, ALL first. Docker adds last, and takes an added ALL even when ALL is dropped: so what is
 * dropped is not added here.
 */
export function dockerCapabilities(capabilities: Capability | undefined): Pick<HostConfig, 'CapAdd' | 'CapDrop'> {
  const add = capabilities?.addCapabilities ?? [];
  const drop = capabilities?.dropCapabilities ?? [];
  const dropped = new Set(drop.map(bareName));
  return { CapAdd: add.filter((name) => !dropped.has(bareName(name))), CapDrop: drop };
}

/** Docker takes `CAP_NET_ADMIN`, `NET_ADMIN` and `net_admin` alike. */
function bareName(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}
