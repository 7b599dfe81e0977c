import { readFile } from 'node:fs/promises';
import { writeAtomically } from './atomic-file';

/**
 * The node's range of pod addresses, in a file of its own. The kubelet tells it once, when it learns it, and not again
 * when only the runtime is restarted: until then a network that takes its addresses from it could attach no pod.
 */
export class PodCidrFile {
  constructor(private readonly path: string) {}

  /** Empty when the kubelet has told none yet. */
  async read(): Promise<string> {
    try {
      return await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }

  async write(cidr: string): Promise<void> {
    await writeAtomically(this.path, cidr);
  }
}
