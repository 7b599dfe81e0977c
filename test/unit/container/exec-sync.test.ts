import { PassThrough } from 'node:stream';
import { execSync, type ExecSyncNeeds } from '../../../src/container/exec-sync';
import type { ContainerInspect, ExecInspect } from '../../../src/docker/types';
import { ShimError } from '../../../src/lib/errors';
import { aCall } from '../../support/a-call';
import { keptLog, type LogLine } from '../../support/cri-server-under-test';
import { refusalOf } from '../../support/refusal';

const ID = 'c'.repeat(64);

/** A container in which a command runs whose output does not end; `exec` is what Docker says of it. */
function node(exec: Pick<ExecInspect, 'Pid' | 'Running' | 'ExitCode'>, failure?: Error) {
  const story: string[] = [];
  const lines: LogLine[] = [];
  const killed = (what: string) => {
    story.push(what);
    return failure === undefined ? Promise.resolve() : Promise.reject(failure);
  };
  const needs: ExecSyncNeeds = {
    engine: {
      inspectContainer: () =>
        Promise.resolve({
          Id: ID,
          Config: { Labels: { 'io.kubernetes.docker.type': 'container' } },
          State: { Running: true, Status: 'running' },
        } as unknown as ContainerInspect),
      createExec: () => Promise.resolve('exec'),
      startExec: () => Promise.resolve(new PassThrough()),
      inspectExec: () => Promise.resolve(exec as ExecInspect),
    },
    killProcessTree: (_ctx, pid) => killed(`the tree of ${pid}`),
    killLeftBehind: (_ctx, pid, isOwn) => killed(`what ${pid} left, of 8 and 9 those: ${[8, 9].filter(isOwn).join()}`),
    isInContainer: ({ containerId, pid }) => containerId === ID && pid === 9,
  };
  const call = aCall(keptLog(lines));
  const request = { containerId: ID, cmd: ['sleep', '9'], timeout: 0n };
  /** The call, whose client leaves while the output flows. */
  const cutOff = async (): Promise<string> => {
    const answer = refusalOf(execSync(needs)(request, call.ctx));
    await new Promise((resolve) => setImmediate(resolve));
    call.cancel();
    return await answer;
  };
  return { cutOff, story, lines };
}

const CUT_OFF = `Cancelled: exec in container ${ID}: the client has gone`;

it('kills a command that runs, with all its family', async () => {
  const { cutOff, story } = node({ Pid: 7, Running: true, ExitCode: null });
  expect(await cutOff()).toBe(CUT_OFF);
  expect(story).toEqual(['the tree of 7']);
});

it('kills what a command that has ended left behind in its container, and nothing by its number alone', async () => {
  const { cutOff, story } = node({ Pid: 7, Running: false, ExitCode: 0 });
  expect(await cutOff()).toBe(CUT_OFF);
  expect(story).toEqual(['what 7 left, of 8 and 9 those: 9']);
});

it('kills nothing of a command that never started', async () => {
  const { cutOff, story } = node({ Pid: 0, Running: false, ExitCode: 126 });
  expect(await cutOff()).toBe(CUT_OFF);
  expect(story).toEqual([]);
});

it('answers how the call ended, and logs it, when it cannot kill', async () => {
  const failure = new ShimError('Internal', 'no such cgroup');
  const { cutOff, lines } = node({ Pid: 7, Running: true, ExitCode: null }, failure);
  expect(await cutOff()).toBe(CUT_OFF);
  expect(lines).toEqual([
    {
      level: 'error',
      message: 'a command that timed out may still run',
      fields: { exec: 'exec', error: 'no such cgroup' },
    },
  ]);
});
