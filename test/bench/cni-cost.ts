import { mkdirSync, writeFileSync } from 'node:fs';
import { liveBare } from './bare-life';
import { BarePlugins } from './bare-plugins';
import { median } from './figures';
import { liveThrough } from './life';
import { quartiles, ratioTable, stepTable, timesOf } from './life-tables';
import { recordLives, traceTable } from './life-trace';
import { livesInTurns, WARM_UP_ROUNDS, type Lives } from './lives-in-turns';
import { processorTimeOf } from './proc';
import type { Subject } from './subject';
import type { Table } from './table';
import type { Workbench } from './workbench';

const KIND = 'on a network of CNI plugins';
/** Where Debian's containernetworking-plugins are. */
const BIN_DIR = '/usr/lib/cni';

/** A pod's whole life on a network of CNI plugins, against the bare Docker calls and the same plugins run without the shim. */
export const cniCost: Subject = {
  name: 'cni',
  async alone(bench) {
    bench.progress("one pod's life with CNI: what the shim asks of Docker");
    // Before the other is started: two shims can't have one directory of CNI results.
    const recorded = await recordLives(bench, flagsFor(bench));
    const shim = await bench.startShim('cni-shim', bench.engine.socket, flagsFor(bench));
    try {
      const plugins = new BarePlugins(BIN_DIR, networkOf(bench));
      const before = await processorTimeOf(shim.pid);
      const lives = await livesInTurns(
        bench,
        () => liveThrough(shim.cri, bench.kind),
        () => liveBare(bench.engine, recorded.creates, plugins),
      );
      const processorTime = (await processorTimeOf(shim.pid)) - before;
      return [
        runTable(lives, plugins.addTimes.slice(WARM_UP_ROUNDS)),
        ratioTable(KIND, lives, processorTime / (bench.options.rounds + WARM_UP_ROUNDS)),
        stepTable(KIND, lives),
        traceTable(recorded),
      ];
    } finally {
      await shim.stop();
    }
  },
};

/** The six plugins that a node with Debian's package may have: host-local is run by bridge. */
function networkOf(bench: Workbench) {
  const ranges = [[{ subnet: '10.187.0.0/16' }]];
  const ipam = { type: 'host-local', ranges, dataDir: bench.pathOf('cni-addresses') };
  return {
    name: 'bench',
    cniVersion: '1.0.0',
    plugins: [
      { type: 'bridge', bridge: 'cni-bench0', isGateway: true, ipMasq: true, ipam },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
      { type: 'bandwidth', capabilities: { bandwidth: true } },
      { type: 'firewall' },
      { type: 'tuning', sysctl: { 'net.core.somaxconn': '500' } },
    ],
  };
}

function flagsFor(bench: Workbench): string[] {
  const confDir = bench.pathOf('cni-conf');
  mkdirSync(confDir, { recursive: true });
  writeFileSync(`${confDir}/10-bench.conflist`, JSON.stringify(networkOf(bench)));
  return [
    '--network-plugin=cni',
    `--cni-conf-dir=${confDir}`,
    `--cni-bin-dir=${BIN_DIR}`,
    `--cni-cache-dir=${bench.pathOf('cni-cache')}`,
  ];
}

/** What RunPodSandbox costs beside what must be done for it. */
function runTable(lives: Lives, plugins: readonly number[]): Table {
  const [shim, bare] = [timesOf(lives.shim, 'RunPodSandbox'), timesOf(lives.bare, 'RunPodSandbox')];
  const differences = shim.map((ms, round) => ms - (bare[round] ?? Number.NaN));
  return {
    title: `RunPodSandbox ${KIND}, ms`,
    columns: ['', 'pods', 'p25', 'p50', 'p75'],
    rows: [
      ['shim', shim.length, ...quartiles(shim)],
      ['bare Docker (create, start, inspect) and plugins', bare.length, ...quartiles(bare)],
      ['the plugins of that', plugins.length, ...quartiles(plugins)],
      ['difference of the medians', undefined, undefined, median(shim) - median(bare), undefined],
      ['difference in each round', differences.length, ...quartiles(differences)],
    ],
  };
}
