import type { NodeContainer, NodeRecord, NodeSandbox } from '../node-record';

/** A question that Docker is being asked. Its answer is older than what was learnt by questions asked after it. */
export interface Question {
  readonly asked: number;
}

interface Entry {
  readonly record: NodeRecord;
  /** When the question was asked that the record answers. */
  readonly asked: number;
}

/** How many there are of a kind, and how many of them run. */
export type Counts = Readonly<Record<NodeRecord['kind'], { readonly running: number; readonly all: number }>>;

export type RecordChange = (before: NodeRecord | undefined, after: NodeRecord | undefined) => void;

/**
 * The records by id. Answers of Docker come out of order; an older one never replaces a newer.
 * INVARIANT: `gone` holds ids only while questions are open, which are bounded in time: an answer on its way cannot
 * bring back what is gone, and a container's id is never used again.
 */
export class Records {
  private readonly entries = new Map<string, Entry>();
  private readonly open = new Set<Question>();
  private readonly gone = new Set<string>();
  private clock = 0;
  private sorted:
    { readonly containers: readonly NodeContainer[]; readonly sandboxes: readonly NodeSandbox[] } | undefined;

  constructor(private readonly onChange: RecordChange = () => undefined) {}

  /** To be called before Docker is asked, and `answered` when what it said was put. */
  ask(): Question {
    this.clock += 1;
    const question = { asked: this.clock };
    this.open.add(question);
    return question;
  }

  answered(question: Question): void {
    this.open.delete(question);
    if (this.open.size === 0) this.gone.clear();
  }

  get(id: string): NodeRecord | undefined {
    return this.entries.get(id)?.record;
  }

  /** Whether more is known of the container than an answer to the question can tell. */
  knowsBetter(id: string, question: Question): boolean {
    return this.gone.has(id) || (this.entries.get(id)?.asked ?? 0) > question.asked;
  }

  put(record: NodeRecord, question: Question): void {
    if (this.knowsBetter(record.id, question)) return;
    const before = this.get(record.id);
    this.entries.set(record.id, { record, asked: question.asked });
    this.sorted = undefined;
    this.onChange(before, record);
  }

  remove(id: string): void {
    if (this.open.size > 0) this.gone.add(id);
    const before = this.get(id);
    if (before === undefined) return;
    this.entries.delete(id);
    this.sorted = undefined;
    this.onChange(before, undefined);
  }

  ids(): string[] {
    return [...this.entries.keys()];
  }

  counts(): Counts {
    const of = (records: readonly NodeRecord[]) => ({
      running: records.filter(({ running }) => running).length,
      all: records.length,
    });
    return { podsandbox: of(this.sandboxes()), container: of(this.containers()) };
  }

  /** The newest first. */
  containers(): readonly NodeContainer[] {
    return this.inOrder().containers;
  }

  /** The newest first. */
  sandboxes(): readonly NodeSandbox[] {
    return this.inOrder().sandboxes;
  }

  /** Those whose ids begin so. */
  beginningWith(idPart: string): NodeRecord[] {
    const whole = this.get(idPart);
    if (whole !== undefined) return [whole];
    return [...this.entries.values()].map(({ record }) => record).filter(({ id }) => id.startsWith(idPart));
  }

  private inOrder() {
    if (this.sorted === undefined) {
      const all = [...this.entries.values()].map(({ record }) => record).sort(newerFirst);
      this.sorted = {
        containers: all.filter((record) => record.kind === 'container'),
        sandboxes: all.filter((record) => record.kind === 'podsandbox'),
      };
    }
    return this.sorted;
  }
}

function newerFirst(one: NodeRecord, other: NodeRecord): number {
  const [first, second] = [createdAt(one), createdAt(other)];
  return first === second ? 0 : first > second ? -1 : 1;
}

function createdAt(record: NodeRecord): bigint {
  return record.kind === 'container' ? record.status.createdAt : record.facts.createdAt;
}
