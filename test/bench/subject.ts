import type { Table } from './table';
import type { Workbench } from './workbench';

/** Something to measure. A new one goes into a file of its own, and into the list in main.ts. */
export interface Subject {
  /** For `--only`. */
  readonly name: string;
  /** Measured once, before the run has made any pods. */
  readonly alone?: (bench: Workbench) => Promise<readonly Table[]>;
  /** Measured at each level of `--pods`, with that many pods running (`bench.crowd`). */
  readonly atLevel?: (bench: Workbench) => Promise<readonly Table[]>;
}
