import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { access, readdir, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { CriClient } from '../support/cri-client';
import { docker } from '../support/engine-under-test';
import { bundleShim, ShimProcess } from '../support/shim-process';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

jest.setTimeout(180_000);

const ROTATE_EVERY_MS = 1_000;
const KILLS = 4;
/** Between two kills, in milliseconds. The kubelet's rotation and the kill meet in every way. */
const lifeTime = (): number => 1_500 + Math.random() * 1_500;

const bundle = join(mkdtempSync(join(tmpdir(), 'dockershim-log-restarts-')), 'dockershim.js');

let shim: ShimUnderTest;
let pods: TestPods;

beforeAll(async () => {
  bundleShim(bundle);
  // Larger than what comes while there is no shim.
  shim = await ShimUnderTest.start('--container-log-spool-size=1Gi');
  pods = await TestPods.over(shim);
});

afterAll(async () => {
  await shim.stop();
  rmSync(join(bundle, '..'), { recursive: true });
});

/** Rotates a log as a kubelet does, until it is told to stop: it renames it, and takes that back when it isn't answered. */
async function rotate(
  path: string,
  containerId: string,
  client: () => CriClient,
  over: () => boolean,
): Promise<number> {
  let rotations = 0;
  for (let number = 0; !over(); number += 1) {
    await new Promise((resolve) => setTimeout(resolve, ROTATE_EVERY_MS));
    const rotated = `${path}.${String(number).padStart(4, '0')}`;
    await rename(path, rotated);
    try {
      await client().call(Runtime.reopenContainerLog, { containerId }, { timeoutMs: 10_000 });
      rotations += 1;
    } catch {
      await rename(rotated, path);
    }
  }
  return rotations;
}

/** Reads log files one after the other; every line must be the number after the last one's. Answers the last. */
async function lastNumber(paths: readonly string[]): Promise<number> {
  let last = 0;
  for (const path of paths) {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      // Killed in the middle of a line.
      if (/^\S+Z stdout P \d*$/.test(line)) continue;
      const [, tags, number] = /^\S+Z (stdout F) (\d+)$/.exec(line) ?? [];
      if (tags === undefined || Number(number) !== last + 1) throw new Error(`after ${last} comes: ${line} (${path})`);
      last = Number(number);
    }
  }
  return last;
}

it('every line is in the log once and in order, whatever is killed and renamed meanwhile', async () => {
  const pod = await pods.run();
  const id = await pods.create(pod, { command: ['seq', '1', '1000000000'], logPath: 'numbers.log' });
  const path = `${pod.config.logDirectory}/numbers.log`;
  await shim.restart(async () => {
    let daemon = await ShimProcess.start(bundle, shim.flags);
    let client = new CriClient(shim.socketPath);
    await client.call(Runtime.startContainer, { containerId: id });
    await access(path);
    let over = false;
    const rotating = rotate(
      path,
      id,
      () => client,
      () => over,
    );
    for (let kill = 0; kill < KILLS; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, lifeTime()));
      await daemon.kill();
      client.close();
      daemon = await ShimProcess.start(bundle, shim.flags);
      client = new CriClient(shim.socketPath);
    }
    over = true;
    expect(await rotating).toBeGreaterThan(0);
    await client.call(Runtime.stopContainer, { containerId: id, timeout: 0n });
    await client.call(Runtime.containerStatus, { containerId: id, verbose: false });
    expect(daemon.said).not.toContain('may be lost');
    client.close();
    await daemon.kill();
  });

  const names = (await readdir(pod.config.logDirectory)).filter((name) => name.startsWith('numbers.log.')).sort();
  const last = await lastNumber([...names.map((name) => join(pod.config.logDirectory, name)), path]);
  expect((await docker('logs', '--tail', '2', id)).split('\n')).toContain(String(last));
  process.stdout.write(`${last} lines in ${names.length + 1} files, ${KILLS} kills\n`);
});
