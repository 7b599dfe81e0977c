import type { Duplex } from 'node:stream';
import type { ExecSyncRequest, ExecSyncResponse } from '../../generated/runtime/v1/api';
import { Demultiplexer } from '../docker/demultiplexer';
import type { Engine } from '../docker/engine';
import type { ContainerProcess } from '../host/cgroup/container-cgroup';
import { checkRuns, findContainer } from '../index/find-container';
import { withDetached, within, type CallContext } from '../lib/call-context';
import { messageOf, ShimError, whileDoing } from '../lib/errors';
import { FirstBytes } from '../lib/first-bytes';
import { invalid } from '../translate/checks';
import { execExitCode, startedExec } from './exec-state';

/** CRI, ExecSyncResponse: output over 16 MiB a stream is cut, and the process keeps a reader (CVE-2022-31030). */
const MOST_OUTPUT = 16 * 1024 * 1024;
/** What both streams may have together: an answer over 16 MiB is refused by every client's gRPC. */
const MOST_ANSWER = MOST_OUTPUT - 64 * 1024;
/** How long the processes of a timed-out command may take to die. */
const KILL_TIMEOUT_MS = 10_000;

export interface ExecSyncNeeds {
  readonly engine: Pick<Engine, 'inspectContainer' | 'createExec' | 'startExec' | 'inspectExec'>;
  /** Kills the process with all its family and returns when they are dead. */
  readonly killProcessTree: (ctx: CallContext, pid: number) => Promise<void>;
  /** The same for what a process that has ended left behind. */
  readonly killLeftBehind: (ctx: CallContext, pid: number, isOwn: (pid: number) => boolean) => Promise<void>;
  readonly isInContainer: (process: ContainerProcess) => boolean;
}

/**
 * ExecSync: runs a command in a container and answers its output and exit code. When the timeout or the call ends first,
 * its processes are killed, and are dead before the answer, DeadlineExceeded or Cancelled, goes out. Also those that the
 * command has left in the background: as long as they have its output open, the call lasts. What has made itself a daemon,
 * with a session of its own and its parents gone, can't be told from the container's other processes and stays.
 */
export function execSync(needs: ExecSyncNeeds) {
  return async (request: ExecSyncRequest, ctx: CallContext): Promise<ExecSyncResponse> => {
    if (request.cmd.length === 0) throw invalid('cmd', 'is missing');
    if (request.timeout < 0n) throw invalid('timeout', `must not be negative: ${request.timeout}`);
    const container = await findContainer(needs.engine, ctx, request.containerId);
    checkRuns(container);
    // Zero is no timeout of its own.
    const limitMs = request.timeout === 0n ? undefined : Number(request.timeout) * 1000;
    const bounded =
      limitMs === undefined ? undefined : within(ctx, limitMs, `the command ${JSON.stringify(request.cmd)}`);
    try {
      return await run(needs, bounded ?? ctx, container.Id, request.cmd);
    } catch (error) {
      throw whileDoing(`exec in container ${container.Id}`, error);
    } finally {
      bounded?.dispose();
    }
  };
}

async function run(
  needs: ExecSyncNeeds,
  ctx: CallContext,
  containerId: string,
  cmd: readonly string[],
): Promise<ExecSyncResponse> {
  const execId = await needs.engine.createExec(ctx, containerId, {
    Cmd: cmd,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
  });
  try {
    const connection = await needs.engine.startExec(ctx, execId, { tty: false });
    const output = await collect(ctx, connection);
    return { ...output, exitCode: await execExitCode(needs.engine, ctx, execId) };
  } catch (error) {
    if (ctx.signal.aborted) await kill(needs, ctx, containerId, execId);
    throw error;
  }
}

/** Reads both streams to their end, keeping the first 16 MiB of each. */
async function collect(ctx: CallContext, connection: Duplex): Promise<{ stdout: Buffer; stderr: Buffer }> {
  const stdout = new FirstBytes(MOST_OUTPUT);
  const stderr = new FirstBytes(MOST_OUTPUT);
  const demultiplexer = new Demultiplexer((stream, part) => {
    if (stream === 'error') throw new ShimError('Internal', `docker: ${part.toString('utf8')}`);
    (stream === 'stdout' ? stdout : stderr).add(part);
  });
  const end = (): void => void connection.destroy(ctx.signal.reason as Error);
  if (ctx.signal.aborted) end();
  ctx.signal.addEventListener('abort', end, { once: true });
  try {
    for await (const chunk of connection as AsyncIterable<Buffer>) demultiplexer.push(chunk);
  } catch (error) {
    if (ctx.signal.aborted) throw ctx.signal.reason;
    throw new ShimError('Unavailable', `docker broke the command's output off: ${messageOf(error)}`, error);
  } finally {
    ctx.signal.removeEventListener('abort', end);
    connection.destroy();
  }
  return fitAnswer(stdout.bytes(), stderr.bytes());
}

/** Cuts the streams to what one answer can carry: the shorter one is kept whole up to half of it. */
function fitAnswer(stdout: Buffer, stderr: Buffer): { stdout: Buffer; stderr: Buffer } {
  const half = MOST_ANSWER / 2;
  const forStdout = Math.max(half, MOST_ANSWER - stderr.length);
  const forStderr = Math.max(half, MOST_ANSWER - stdout.length);
  return { stdout: stdout.subarray(0, forStdout), stderr: stderr.subarray(0, forStderr) };
}

/** The call has ended but the command has not, or what it has left behind: it is killed, in a context of its own. */
async function kill(needs: ExecSyncNeeds, ctx: CallContext, containerId: string, execId: string): Promise<void> {
  await withDetached(ctx.log, KILL_TIMEOUT_MS, 'killing a command that timed out', async (fresh) => {
    const exec = await startedExec(needs.engine, fresh, execId);
    if (exec === undefined) return;
    if (exec.Running) await needs.killProcessTree(fresh, exec.Pid);
    else await needs.killLeftBehind(fresh, exec.Pid, (pid) => needs.isInContainer({ containerId, pid }));
  }).catch((error: unknown) => {
    ctx.log.error('a command that timed out may still run', { exec: execId, error: messageOf(error) });
  });
}
