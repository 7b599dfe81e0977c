import { join } from 'node:path';
import { removeFile, writeAtomically } from './atomic-file';
import { parse, serialize, type Checkpoint, type CheckpointProgram } from './checkpoint-text';
import { namesIn, textIfThere } from './present-files';

/** Container ids: what else is in the directories belongs to somebody else. */
const SANDBOX_ID = /^[0-9a-f]{64}$/;

/**
 * The checkpoints of a node: one file a sandbox, named by its id. The shim's own are where cri-dockerd keeps its own,
 * so that it finds them after a rollback; those of the in-tree dockershim are read and removed, never written.
 */
export class CheckpointStore {
  /**
   * @param own cri-dockerd's directory
   * @param inTree the in-tree dockershim's
   */
  constructor(
    private readonly own: string,
    private readonly inTree: string,
  ) {}

  /** @throws ShimError ResourceExhausted on a full disk */
  async write(sandboxId: string, checkpoint: Checkpoint): Promise<void> {
    await writeAtomically(join(this.own, sandboxId), serialize(checkpoint));
  }

  /** What is known of a sandbox; undefined when there is no checkpoint, or only a corrupt one. */
  async read(sandboxId: string): Promise<Checkpoint | undefined> {
    return (await readIn(this.own, sandboxId)) ?? (await readIn(this.inTree, sandboxId));
  }

  /** Whether cri-dockerd would find one of the sandbox, and not delete it as corrupt. */
  async isSound(sandboxId: string): Promise<boolean> {
    return (await readIn(this.own, sandboxId, ['cri-dockerd'])) !== undefined;
  }

  /** Removes it, the predecessors' too. One that is not there is as good as removed. */
  async remove(sandboxId: string): Promise<void> {
    for (const directory of this.directories()) await removeFile(join(directory, sandboxId));
  }

  /** The ids of the sandboxes that have one. */
  async ids(): Promise<string[]> {
    const names = await Promise.all(this.directories().map(namesIn));
    return [...new Set(names.flat())].filter((name) => SANDBOX_ID.test(name));
  }

  private directories(): string[] {
    return [this.own, this.inTree];
  }
}

async function readIn(
  directory: string,
  sandboxId: string,
  programs?: readonly CheckpointProgram[],
): Promise<Checkpoint | undefined> {
  const text = await textIfThere(join(directory, sandboxId));
  return text === undefined ? undefined : parse(text, programs);
}
