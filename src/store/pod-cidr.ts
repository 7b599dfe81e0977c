import { writeAtomically } from './atomic-file';
import { textIfThere } from './present-files';

/**
 * The node's range of pod addresses, in a file of its own. The kubelet tells it once, when it learns it, and not again
 * when only the runtime is restarted: until then a network that takes its addresses from it could attach no pod.
 */
export class PodCidrFile {
  constructor(private readonly path: string) {}

  /** Empty when the kubelet has told none yet. */
  async read(): Promise<string> {
    return (await textIfThere(this.path)) ?? '';
  }

  async write(cidr: string): Promise<void> {
    await writeAtomically(this.path, cidr);
  }
}
