import type { PullProgress } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';

/** Unpacking a large layer onto a slow disk writes no line for minutes, and no registry is to blame. */
const UNPACKING_PATIENCE = 10;
/** What Docker says of a layer when nothing of it is left to come. */
const ARRIVED: ReadonlySet<string> = new Set(['Download complete', 'Already exists', 'Extracting', 'Pull complete']);

export interface StallWatch extends CallContext {
  /** Looks at a line of progress. One that repeats what its layer's last line said is no progress. */
  saw(line: PullProgress): void;
  dispose(): void;
}

/**
 * A context that ends with `ctx`, or with DeadlineExceeded once the pull has made no progress for `deadlineMs`
 * milliseconds (greater than 0): no byte, no new step of any layer. While a layer is being unpacked it is ten times as
 * long. `dispose` must be called when the pull ends.
 *
 * Docker writes a line when something moved; when it keeps images in containerd, it writes one for each layer ten times
 * a second, moved or not. From 23 to 27 it then says nothing of unpacking (moby#47108), which is all that is left to do once
 * every layer has arrived.
 */
export function watchForStall(ctx: CallContext, deadlineMs: number, image: string): StallWatch {
  const controller = new AbortController();
  /** What was last said of each layer: no more of them than the manifest has, which Docker bounds at 4 MiB. */
  const steps = new Map<string, string>();
  const coming = new Set<string>();
  const extracting = new Set<string>();
  let someArrived = false;

  const giveUpAfter = (ms: number): NodeJS.Timeout => setTimeout(() => controller.abort(stalled(image, ms)), ms);
  const follow = (): void => controller.abort(ctx.signal.reason);
  let timer = giveUpAfter(deadlineMs);
  if (ctx.signal.aborted) follow();
  else ctx.signal.addEventListener('abort', follow, { once: true });

  return {
    signal: controller.signal,
    log: ctx.log,
    saw({ id = '', status = '', progressDetail }) {
      const step = `${status} ${progressDetail?.current ?? ''}`;
      if (steps.get(id) === step) return;
      steps.set(id, step);
      const arrived = ARRIVED.has(status);
      someArrived ||= arrived;
      keep(coming, id, !arrived && isOfLayer(id, status));
      keep(extracting, id, status === 'Extracting');
      const isUnpacking = extracting.size > 0 || (someArrived && coming.size === 0);
      clearTimeout(timer);
      timer = giveUpAfter(isUnpacking ? deadlineMs * UNPACKING_PATIENCE : deadlineMs);
    },
    dispose() {
      clearTimeout(timer);
      ctx.signal.removeEventListener('abort', follow);
    },
  };
}

/** Other lines are of the whole pull; the one that begins it has the tag for its id. */
function isOfLayer(id: string, status: string): boolean {
  return id !== '' && !status.startsWith('Pulling from ');
}

function keep(set: Set<string>, id: string, isIn: boolean): void {
  if (isIn) set.add(id);
  else set.delete(id);
}

function stalled(image: string, ms: number): ShimError {
  return new ShimError(
    'DeadlineExceeded',
    `the pull of ${image} made no progress for ${ms / 1000} s: check the registry and the way to it, or raise --image-pull-progress-deadline`,
  );
}
