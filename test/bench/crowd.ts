import type { CriClient } from '../support/cri-client';
import { makePod, removePod, type Pod, type PodKind } from './pod';
import { sideBySide } from './side-by-side';

/** How many pods are made or taken away at a time. */
const AT_ONCE = 8;
const TELL_EVERY = 25;

/** The pods that are on the node while others are measured. */
export class Crowd {
  private readonly pods: Pod[] = [];

  constructor(
    private readonly kind: PodKind,
    private readonly progress: (sentence: string) => void,
  ) {}

  /** Makes pods until there are `level`. @throws what ended `signal`, between two pods */
  async growTo(level: number, cri: CriClient, signal: AbortSignal): Promise<void> {
    const missing = Array.from({ length: Math.max(0, level - this.pods.length) }, (_, at) => at);
    await sideBySide(AT_ONCE, missing, async () => {
      signal.throwIfAborted();
      this.pods.push(await makePod(cri, this.kind));
      if (this.pods.length % TELL_EVERY === 0) this.progress(`${this.pods.length} of ${level} pods run`);
    });
  }

  get size(): number {
    return this.pods.length;
  }

  /** @throws Error when there is none */
  one(): Pod {
    const [pod] = this.pods;
    if (pod === undefined) throw new Error('there is no pod yet');
    return pod;
  }

  async leave(cri: CriClient): Promise<void> {
    if (this.pods.length > 0) this.progress(`taking ${this.pods.length} pods away`);
    await sideBySide(AT_ONCE, this.pods.splice(0), (pod) => removePod(cri, pod));
  }
}
