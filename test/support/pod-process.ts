import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process in a network namespace of its own, as a pause container is. Only root can start one. */
export interface PodProcess {
  readonly netns: string;
  /** Kills it; it is gone when this returns. */
  end(): Promise<void>;
}

export async function podProcess(): Promise<PodProcess> {
  const script = 'echo inside; exec sleep 1000';
  const child = spawn('unshare', ['--net', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  await once(child.stdout, 'data');
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { netns: `/proc/${child.pid ?? 0}/ns/net`, end };
}
