import type { PullProgress } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';

/** Unpacking a large layer onto a slow disk writes no line for minutes, and no registry is to blame. */
const EXTRACTION_PATIENCE = 10;

export interface StallWatch extends CallContext {
  /** Looks at a line of progress. One that repeats what its layer's last line said is no progress. */
  saw(line: PullProgress): void;
  dispose(): void;
}

/**
 * A context that ends with `ctx`, or with DeadlineExceeded once the pull has made no progress for `deadlineMs`
 * milliseconds (greater than 0): no byte, no new step of any layer. While a layer is being extracted it is ten times as
 * long. `dispose` must be called when the pull ends.
 *
 * Docker writes a line when something moved; when it keeps images in containerd, it writes one for each layer ten times
 * a second, moved or not.
 */
export function watchForStall(ctx: CallContext, deadlineMs: number, image: string): StallWatch {
  const controller = new AbortController();
  /** What was last said of each layer: no more of them than the manifest has, which Docker bounds at 4 MiB. */
  const steps = new Map<string, string>();
  const extracting = new Set<string>();

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
      if (status === 'Extracting') extracting.add(id);
      else extracting.delete(id);
      clearTimeout(timer);
      timer = giveUpAfter(extracting.size > 0 ? deadlineMs * EXTRACTION_PATIENCE : deadlineMs);
    },
    dispose() {
      clearTimeout(timer);
      ctx.signal.removeEventListener('abort', follow);
    },
  };
}

function stalled(image: string, ms: number): ShimError {
  return new ShimError(
    'DeadlineExceeded',
    `the pull of ${image} made no progress for ${ms / 1000} s: check the registry and the way to it, or raise --image-pull-progress-deadline`,
  );
}
