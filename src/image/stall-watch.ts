import type { PullProgress } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';

/** Unpacking a large layer onto a slow disk, or waiting for other pulls, takes minutes, and no registry is to blame. */
const LOCAL_PATIENCE = 10;
/**
 * How long at least a layer may be unpacked by an engine that keeps images in containerd, in milliseconds. It tells nothing
 * of it but the time that passes, and a layer of many gigabytes on a slow disk does take tens of minutes.
 */
const UNPACKING_MS = 60 * 60_000;
/** What Docker says of a layer when nothing of it is left to come. */
const ARRIVED: ReadonlySet<string> = new Set(['Download complete', 'Already exists', 'Extracting', 'Pull complete']);

export interface WatchedPull {
  readonly image: string;
  readonly imagesInContainerd: boolean;
  /** In milliseconds, greater than 0. */
  readonly deadlineMs: number;
  /** Whether the shim has other pulls under way now. */
  readonly othersUnderWay: () => boolean;
}

/** What a pull waits for: bytes, one of the engine's slots for downloads, or that what has come is unpacked. */
type WaitsFor = 'registry' | 'slot' | 'disk';

export interface StallWatch extends CallContext {
  /** Looks at a line of progress. One that repeats what its layer's last line said is no progress. */
  saw(line: PullProgress): void;
  dispose(): void;
}

/**
 * A context that ends with `ctx`, or with DeadlineExceeded once the pull has made no progress for its deadline: no byte, no
 * new step of any layer. While what is waited for is the engine's own work, it is ten times as long, and for unpacking into
 * containerd at least an hour. `dispose` must be called when the pull ends.
 *
 * Docker writes a line when something moved, and `Waiting` once of a layer that waits for one of the few downloads that
 * the engine does side by side. When it keeps images in containerd, it writes a line for each layer ten times a second,
 * moved or not, with the seconds of its unpacking from 28 on. From 23 to 27 it then says nothing of unpacking (moby#47108),
 * which is all that is left to do once every layer has arrived; and where an earlier pull that was cut off had brought all
 * layers, it names them and says no more.
 *
 * With containerd from 29.7 on, all pulls share the slots for downloads, manifests take one too, and nothing is said of who
 * waits for one: a pull that waits for its index says nothing, one that tries a layer again repeats how far it had come.
 * While others are under way, all silence may be that; engines before are not told apart, and borne as long.
 */
export function watchForStall(ctx: CallContext, watched: WatchedPull): StallWatch {
  const { image, imagesInContainerd, deadlineMs, othersUnderWay } = watched;
  const localMs = deadlineMs * LOCAL_PATIENCE;
  const patienceMs: Record<WaitsFor, number> = {
    registry: deadlineMs,
    slot: localMs,
    disk: imagesInContainerd ? Math.max(localMs, UNPACKING_MS) : localMs,
  };
  const controller = new AbortController();
  /** What was last said of each layer: no more of them than the manifest has, which Docker bounds at 4 MiB. */
  const steps = new Map<string, string>();
  /** The status of each layer's last line. */
  const layers = new Map<string, string>();
  /** What is last said of a layer whose bytes the engine does not wait for. */
  const heldUp = imagesInContainerd ? 'Pulling fs layer' : 'Waiting';

  const mayLackSlot = (): boolean => imagesInContainerd && othersUnderWay();
  const waitsFor = (): WaitsFor => {
    const last = [...layers.values()];
    const coming = last.filter((said) => !ARRIVED.has(said));
    if (last.includes('Extracting') || (last.length > 0 && coming.length === 0)) return 'disk';
    const isHeldUp = coming.length > 0 && coming.every((said) => said === heldUp);
    return isHeldUp || mayLackSlot() ? 'slot' : 'registry';
  };
  /** In steps: the others may begin and end while nothing is said. Silence that was borne for them is not the registry's. */
  const bear = (borneMs = 0, before = waitsFor()): NodeJS.Timeout =>
    setTimeout(() => {
      const what = waitsFor();
      const silentMs = borneMs + deadlineMs;
      if (silentMs >= patienceMs[what] && patienceMs[what] >= patienceMs[before])
        controller.abort(stalled(image, what, silentMs));
      else timer = bear(silentMs);
    }, deadlineMs);
  const follow = (): void => controller.abort(ctx.signal.reason);
  let timer = bear();
  if (ctx.signal.aborted) follow();
  else ctx.signal.addEventListener('abort', follow, { once: true });

  return {
    signal: controller.signal,
    log: ctx.log,
    saw({ id = '', status = '', progressDetail }) {
      const { current = '', units } = progressDetail ?? {};
      const step = units === 's' ? status : `${status} ${current}`;
      if (steps.get(id) === step) return;
      steps.set(id, step);
      if (isOfLayer(id, status)) layers.set(id, status);
      clearTimeout(timer);
      timer = bear();
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

function stalled(image: string, what: WaitsFor, ms: number): ShimError {
  const seconds = ms / 1000;
  const advice =
    what === 'disk'
      ? ` while Docker unpacked it, so its disk is slow or hangs: check the load on it (iostat -x) and the kernel's log, or raise --image-pull-progress-deadline above ${seconds / LOCAL_PATIENCE} s`
      : ': check the registry and the way to it, or raise --image-pull-progress-deadline';
  return new ShimError('DeadlineExceeded', `the pull of ${image} made no progress for ${seconds} s${advice}`);
}
