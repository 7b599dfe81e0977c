import { readConfiguration } from '../network/cni/configuration/read-configuration';
import { ok, problem, warning, type Finding } from './finding';

/** The CNI network that pods will get, and the files that were passed over on the way to it. */
export async function cniFindings(confDir: string, binDirs: readonly string[]): Promise<Finding[]> {
  const { network, file, problems } = await readConfiguration(confDir, binDirs);
  const passedOver = problems.map(({ file: broken, why }) =>
    warning('network', `${broken} is passed over: ${why}`, 'mend it or take it away'),
  );
  if (network === undefined || file === undefined) {
    const advice = `install a pod network, whose DaemonSet or package writes there, or serve with --network-plugin=bridge`;
    return [...passedOver, problem('network', `no CNI network is configured in ${confDir}`, advice)];
  }
  const plugins = network.plugins.map(({ type }) => type).join(', ');
  const says = `CNI network ${network.name} (${network.cniVersion}) of ${file}: ${plugins}, all found in ${binDirs.join(', ')}`;
  return [...passedOver, ok('network', says)];
}
