import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  PodSandboxConfig,
  RunPodSandboxRequest,
  RuntimeServiceService as Runtime,
} from '../../generated/runtime/v1/api';
import { BUILT_IN_PAUSE_IMAGE } from '../../src/sandbox/pause/image-archive';
import { SANDBOX_STEPS, type SandboxStep } from '../../src/sandbox/steps';
import { ScriptedPlugins } from '../support/cni-plugins';
import { CriClient } from '../support/cri-client';
import { docker, ENGINE_SOCKET } from '../support/engine-under-test';
import { temporaryDirectory } from '../support/temporary-directory';
import { bundleShim, ShimProcess } from '../support/shim-process';

/**
 * A fault at every step of a sandbox's life, with real plugins: after a restart and the calls that the kubelet repeats,
 * nothing is left of the pod. The table at the end says what there was in between.
 */
jest.setTimeout(120_000);

const NETWORK = 'cni-faults';
const BRIDGE = 'cni-faults0';
/** The last plugin of the chain, which does what `fault` asks for, and else nothing. */
const FAULTY = 'faulty';
/** The deadline of a call during which a plugin hangs, in milliseconds. */
const DEADLINE_MS = 3_000;

const bundle = join(mkdtempSync(join(tmpdir(), 'dockershim-faults-')), 'dockershim.js');
const table: { fault: string; 'the call answers': string; 'left by it': string; 'left in the end': string }[] = [];
let shim: ShimProcess;
let client: CriClient;
let namespace: string;
let attempts = 0;

// Before the directory is removed, in which the shim writes.
afterEach(async () => {
  client.close();
  await shim.kill();
  const containers = await docker('ps', '--all', '--quiet', '--filter', `name=${namespace}`);
  if (containers !== '') await docker('rm', '--force', ...containers.split('\n'));
});

const directory = temporaryDirectory();

beforeAll(() => bundleShim(bundle));

afterAll(() => {
  rmSync(join(bundle, '..'), { recursive: true });
  console.table(table);
});

beforeEach(() => {
  attempts += 1;
  namespace = `dockershim-test-${process.pid}-faults-${attempts}`;
  new ScriptedPlugins(directory.path('bin')).add(FAULTY, faultyScript(directory.path('fault')));
  const ipam = { type: 'host-local', ranges: [[{ subnet: '10.188.0.0/24' }]], dataDir: directory.path('addresses') };
  const plugins = [
    { type: 'bridge', bridge: BRIDGE, isGateway: true, ipMasq: true, ipam },
    { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    { type: FAULTY },
  ];
  mkdirSync(directory.path('conf'));
  const list = { name: NETWORK, cniVersion: '1.0.0', plugins };
  writeFileSync(directory.path('conf/10-faults.conflist'), JSON.stringify(list));
});

/** The plugin reads what to do from a file, such as `ADD hangs`. */
function faultyScript(faultFile: string): string {
  const result = `printf '%s' "$input" | '${process.execPath}' -p 'JSON.stringify(JSON.parse(fs.readFileSync(0)).prevResult)'`;
  return [
    `case "$(cat '${faultFile}' 2>/dev/null)" in`,
    `  *"$CNI_COMMAND fails"*) echo '{"cniVersion":"1.0.0","code":999,"msg":"the test wants it"}'; exit 1;;`,
    `  *"$CNI_COMMAND hangs"*) exec sleep 600;;`,
    `  *"$CNI_COMMAND prints rubbish"*) echo 'rub}{bish'; exit $([ $CNI_COMMAND = ADD ]; echo $?);;`,
    `  *"$CNI_COMMAND kills"*) rm '${faultFile}'; kill -9 $PPID; exit 1;;`,
    'esac',
    `if [ "$CNI_COMMAND" = ADD ]; then ${result}; fi`,
  ].join('\n');
}

const fault = (what: string): void => writeFileSync(directory.path('fault'), what);
const heal = (): void => rmSync(directory.path('fault'), { force: true });

async function start(dieAt?: SandboxStep): Promise<void> {
  const flags = [
    `--container-runtime-endpoint=unix://${directory.path('cri.sock')}`,
    `--docker-endpoint=unix://${ENGINE_SOCKET}`,
    `--root-directory=${directory.path('root')}`,
    `--cri-dockerd-root-directory=${directory.path('cri-dockerd')}`,
    `--pod-infra-container-image=${BUILT_IN_PAUSE_IMAGE}`,
    '--network-plugin=cni',
    `--cni-conf-dir=${directory.path('conf')}`,
    `--cni-bin-dir=/usr/lib/cni,${directory.path('bin')}`,
    `--cni-cache-dir=${directory.path('cache')}`,
  ];
  shim = await ShimProcess.start(bundle, flags, dieAt);
  client = new CriClient(directory.path('cri.sock'));
}

/** The shim dies at the fault; a new one takes its place, as systemd would see to. */
async function restart(): Promise<void> {
  expect(await shim.died()).toBe('SIGKILL');
  client.close();
  await start();
}

function config(): PodSandboxConfig {
  return PodSandboxConfig.fromPartial({
    metadata: { name: 'web', namespace, uid: 'uid', attempt: 0 },
    dnsConfig: { servers: ['10.1.2.3'] },
    portMappings: [{ containerPort: 80, hostPort: 18_180 }],
  });
}

async function run(timeoutMs = 60_000): Promise<string> {
  const request = RunPodSandboxRequest.fromPartial({ config: config() });
  return (await client.call(Runtime.runPodSandbox, request, { timeoutMs })).podSandboxId;
}

async function stop(podSandboxId: string, timeoutMs = 60_000): Promise<void> {
  await client.call(Runtime.stopPodSandbox, { podSandboxId }, { timeoutMs });
}

async function remove(podSandboxId: string, timeoutMs = 60_000): Promise<void> {
  await client.call(Runtime.removePodSandbox, { podSandboxId }, { timeoutMs });
}

function entries(...names: string[]): string[] {
  const place = directory.path(...names);
  return existsSync(place) ? readdirSync(place).filter((name) => !name.startsWith('.')) : [];
}

/** All that there is of pods, in words. */
async function left(): Promise<string[]> {
  const containers = await docker('ps', '--all', '--quiet', '--filter', `name=${namespace}`);
  const rules = execFileSync('iptables-save', { encoding: 'utf8' }).split('\n');
  const links = execFileSync('ip', ['-o', 'link', 'show', 'type', 'veth'], { encoding: 'utf8' }).split('\n');
  const found: Record<string, string[]> = {
    container: containers.split('\n').filter((id) => id !== ''),
    address: entries('addresses', NETWORK).filter((name) => name.startsWith('10.')),
    'cache entry': entries('cache', 'results'),
    checkpoint: entries('cri-dockerd', 'sandbox'),
    'journal entry': entries('root', 'running'),
    // What both plugins make of iptables for no single pod stays.
    'host port rules': rules.filter((rule) => /^:CNI-DN-|dnat name: /.test(rule)),
    'masquerading rule': rules.filter((rule) => /^:CNI-[0-9a-f]{20,}/.test(rule)),
    link: links.filter((link) => link.includes(`master ${BRIDGE}`)),
  };
  return Object.keys(found).filter((what) => (found[what] ?? []).length > 0);
}

/** Until nothing is left: who has left does not see when its call is undone. */
async function untilNothingIsLeft(): Promise<void> {
  for (let look = 0; look < 300 && (await left()).length > 0; look += 1) {
    await pause();
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

/** The call's answer, in a line. */
async function answerOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'success',
    (error: unknown) => String((error as { details?: string }).details).replace(/^(Deadline exceeded).*/s, '$1'),
  );
}

/** Notes what the fault left, lets `repeat` do what the kubelet would, and expects nothing to be left. */
async function settle(what: string, answer: string, repeat: () => Promise<void>): Promise<void> {
  const between = await left();
  await repeat();
  const end = await left();
  const short = answer.length > 60 ? `…${answer.slice(-60)}` : answer;
  table.push({
    fault: what,
    'the call answers': short,
    'left by it': between.join(', '),
    'left in the end': end.join(', '),
  });
  expect(end).toEqual([]);
}

async function repeatAll(): Promise<void> {
  const id = await run();
  expect(await left()).toEqual(
    expect.arrayContaining(['container', 'address', 'cache entry', 'host port rules', 'masquerading rule']),
  );
  await stop(id);
  await remove(id);
}

describe('the shim is killed', () => {
  /** Runs, stops and removes a pod until the shim dies in one of the calls, which is then repeated, and those after it. */
  async function liveUntilDeath(what: string): Promise<void> {
    let id = '';
    const ran = await answerOf(run().then((made) => (id = made)));
    if (id === '') {
      await settle(what, ran, async () => {
        await restart();
        await repeatAll();
      });
      return;
    }
    const stopped = await answerOf(stop(id));
    const removed = stopped === 'success' ? await answerOf(remove(id)) : stopped;
    expect(removed).not.toBe('success');
    await settle(what, removed, async () => {
      await restart();
      if (stopped !== 'success') await stop(id);
      await remove(id);
    });
  }

  it.each(SANDBOX_STEPS)('after %s', async (step) => {
    await start(step);
    await liveUntilDeath(`killed after ${step}`);
  });

  it.each(['ADD', 'DEL'])('while a plugin is at %s', async (command) => {
    await start();
    fault(`${command} kills`);
    await liveUntilDeath(`killed in ${command}`);
  });

  it('after a run that the kubelet never repeats', async () => {
    await start('run:attached');
    const answer = await answerOf(run());
    await settle('killed after run:attached, not repeated', answer, async () => {
      await restart();
      await untilNothingIsLeft();
    });
  });
});

describe('a plugin', () => {
  it.each([
    ['ADD hangs', /^Deadline exceeded$/],
    ['ADD fails', /the CNI plugin faulty failed at ADD: .*the test wants it/],
    ['ADD prints rubbish', /faulty/],
  ])('whose %s: the run leaves nothing, and can be repeated', async (what, words) => {
    await start();
    fault(what);
    const answer = await answerOf(run(DEADLINE_MS));
    expect(answer).toMatch(words);
    await untilNothingIsLeft();
    expect(await left()).toEqual([]);
    await settle(what, answer, async () => {
      heal();
      await repeatAll();
    });
  });

  it.each([
    ['DEL hangs', /^Deadline exceeded$/],
    ['DEL fails', /the CNI plugin faulty failed at DEL: .*the test wants it/],
    ['DEL prints rubbish', /faulty/],
  ])('whose %s: the stop fails and keeps what DEL needs, until it succeeds', async (what, words) => {
    await start();
    const id = await run();
    fault(what);
    const answer = await answerOf(stop(id, DEADLINE_MS));
    expect(answer).toMatch(words);
    expect(await left()).toEqual(expect.arrayContaining(['container', 'address', 'cache entry', 'checkpoint']));
    expect(await answerOf(remove(id, DEADLINE_MS))).not.toBe('success');
    await settle(what, answer, async () => {
      heal();
      await stop(id);
      await remove(id);
    });
  });

  it('that fails at ADD and at DEL: what could not be undone is there until it can, and no second pod is made', async () => {
    await start();
    fault('ADD fails, DEL fails');
    const answer = await answerOf(run());
    expect(await left()).toEqual(expect.arrayContaining(['container', 'address', 'cache entry', 'journal entry']));
    expect(await answerOf(run())).toMatch(/failed at DEL/);
    expect(entries('cache', 'results')).toHaveLength(1);
    await settle('ADD fails, DEL fails', answer, async () => {
      heal();
      await repeatAll();
    });
  });
});

it('a pod whose pause container is taken away while the shim is down is torn down at the start', async () => {
  await start();
  const id = await run();
  await shim.kill();
  await docker('rm', '--force', id);
  const repeat = async (): Promise<void> => {
    await restart();
    for (let look = 0; look < 300 && entries('cri-dockerd', 'sandbox').length > 0; look += 1) await pause();
  };
  await settle('pause container gone', '', repeat);
});
