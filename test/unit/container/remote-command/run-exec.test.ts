import { PassThrough } from 'node:stream';
import { runExec, type RunExecNeeds } from '../../../../src/container/remote-command/run-exec';
import type { ExecInspect } from '../../../../src/docker/types';
import type { ExecSession, RemoteStreams } from '../../../../src/streaming/remote-command';
import { aCall } from '../../../support/a-call';
import { refusalOf } from '../../../support/refusal';

const PID = 4711;

/** An engine that starts a command just as its client leaves, and what is signalled then. */
function abandonedStart() {
  const call = aCall();
  const signalled: unknown[] = [];
  const needs: RunExecNeeds = {
    engine: {
      createExec: () => Promise.resolve('e'),
      startExec: () => {
        call.cancel();
        return Promise.reject(call.reason);
      },
      inspectExec: () => Promise.resolve({ Running: true, Pid: PID, ExitCode: null } as ExecInspect),
      resizeExec: () => Promise.resolve(),
    },
    signalProcessTree: (...which) => Promise.resolve(void signalled.push(which)),
  };
  return { call, needs, signalled };
}

function session(tty: boolean): ExecSession {
  return { kind: 'exec', containerId: 'c', command: ['sh'], tty, stdin: true, stdout: true, stderr: !tty };
}

const STREAMS = { stdin: new PassThrough(), stdout: new PassThrough() } as unknown as RemoteStreams;

it('hangs up the terminal of a command whose client left while it was being started', async () => {
  const { call, needs, signalled } = abandonedStart();
  expect(await refusalOf(runExec(needs, session(true), STREAMS, call.ctx))).toMatch(/^Cancelled/);
  expect(signalled).toEqual([[PID, 'SIGHUP']]);
});

it('leaves a command without a terminal alone', async () => {
  const { call, needs, signalled } = abandonedStart();
  expect(await refusalOf(runExec(needs, session(false), STREAMS, call.ctx))).toMatch(/^Cancelled/);
  expect(signalled).toEqual([]);
});
