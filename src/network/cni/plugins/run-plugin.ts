import { spawn, type ChildProcess } from 'node:child_process';
import { pause, throwIfEnded, type CallContext } from '../../../lib/call-context';
import { messageOf, ShimError } from '../../../lib/errors';
import { FirstBytes } from '../../../lib/first-bytes';

/** What a plugin may print: results are a few kilobytes. In bytes. */
const MAX_STDOUT = 1024 * 1024;
/** What is kept of what it complains of. In bytes. */
const MAX_STDERR = 16 * 1024;
/** How long what is left of an ended or killed plugin is waited for, in milliseconds. */
const GRACE_MS = 1_000;
/** An installer may be writing the file: libcni tries again as often, at the same pace. */
const BUSY_ATTEMPTS = 5;
const BUSY_PAUSE_MS = 1_000;

export interface PluginExit {
  /** The exit status; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs an executable with `input` on its standard input until it ends. When the context ends first, the plugin's whole
 * process group is killed.
 * @throws the context's reason; ShimError ResourceExhausted for more than 1 MiB of output; Internal when it can't be
 *   started.
 */
export async function runPlugin(
  ctx: CallContext,
  path: string,
  environment: NodeJS.ProcessEnv,
  input: string,
): Promise<PluginExit> {
  for (let attempt = 1; ; attempt += 1) {
    throwIfEnded(ctx);
    try {
      return await runOnce(ctx, path, environment, input);
    } catch (error) {
      if (error instanceof ShimError) throw error;
      const busy = (error as NodeJS.ErrnoException).code === 'ETXTBSY' && attempt < BUSY_ATTEMPTS;
      if (!busy) throw new ShimError('Internal', `cannot run ${path}: ${messageOf(error)}`, error);
      await pause(ctx, BUSY_PAUSE_MS);
    }
  }
}

function runOnce(ctx: CallContext, path: string, env: NodeJS.ProcessEnv, input: string): Promise<PluginExit> {
  return new Promise((resolve, reject) => {
    // A process group of its own, so that a plugin's own children end with it. The child has no pipes when no file was left
    // for them: its error event follows.
    const child: ChildProcess = spawn(path, [], { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const stdout = new FirstBytes(MAX_STDOUT);
    const stderr = new FirstBytes(MAX_STDERR);
    let failure: unknown;
    let grace: NodeJS.Timeout | undefined;

    const settle = (): void => {
      ctx.signal.removeEventListener('abort', end);
      clearTimeout(grace);
      child.stdout?.destroy();
      child.stderr?.destroy();
      if (failure === undefined) resolve({ code: child.exitCode, stdout: textOf(stdout), stderr: textOf(stderr) });
      else reject(failure);
    };
    const kill = (why: unknown): void => {
      failure ??= why;
      killGroup(child);
      grace ??= setTimeout(settle, GRACE_MS);
    };
    const end = (): void => kill(ctx.signal.reason);

    ctx.signal.addEventListener('abort', end, { once: true });
    child.once('error', (error) => {
      failure ??= error;
      settle();
    });
    // A daemon that it left behind may hold its output open.
    child.once('exit', () => (grace ??= setTimeout(settle, GRACE_MS)));
    child.once('close', settle);
    child.stdout?.on('data', (chunk: Buffer) => {
      if (!stdout.add(chunk)) kill(new ShimError('ResourceExhausted', `it printed more than ${MAX_STDOUT} bytes`));
    });
    child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
    // One that ends without reading its input breaks the pipe.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Until its exit has been seen, the number of a child is nobody else's. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function textOf(output: FirstBytes): string {
  return output.bytes().toString('utf8');
}
