import type { Engine } from '../../docker/engine';
import type { ContainerSummary } from '../../docker/types';
import { pause, withDetached } from '../../lib/call-context';
import type { Log } from '../../lib/log';
import { TYPE_LABEL } from '../../translate/labels';
import { agreesWith, isCreated, listedRecord, relistedRecord, type NodeRecord } from '../node-record';
import type { Looks } from './looks';
import type { Question, Records } from './records';

/** How long Docker may take to list its containers, in milliseconds. */
const LIST_TIMEOUT_MS = 10_000;

export interface SurveyNeeds {
  readonly engine: Pick<Engine, 'listContainers'>;
  readonly records: Records;
  readonly looks: Looks;
  readonly log: Log;
}

/**
 * Compares the records with Docker's list: what is new or different is looked at, what is not there any more is removed.
 * Returns when all has been looked at.
 * @param lagMs how long events that are on their way may take, before what they tell counts as missed
 * @returns the ids of those that were recorded wrong, while no look at them was under way
 * @throws ShimError when Docker can't list, or goes away meanwhile
 */
export async function survey(needs: SurveyNeeds, lagMs: number): Promise<readonly string[]> {
  const { engine, records, looks, log } = needs;
  const question = records.ask();
  try {
    const rows = await withDetached(log, LIST_TIMEOUT_MS, 'listing the containers', async (ctx) => {
      const listed = await engine.listContainers(ctx, { labels: [TYPE_LABEL] });
      if (lagMs > 0) await pause(ctx, lagMs);
      return listed;
    });
    const listed = new Set(rows.map((row) => row.Id));
    const gone = records.ids().filter((id) => !listed.has(id) && !records.knowsBetter(id, question));
    const other = rows.filter((row) => isWrong(records, row, question));
    const wrong = [...gone, ...other.map((row) => row.Id)].filter((id) => looks.underWay(id) === undefined);
    for (const id of gone) looks.forget(id);
    const toLookAt = [...other, ...rows.filter((row) => isDoubtful(records.get(row.Id)))];
    await Promise.all(toLookAt.map((row) => looks.at(row.Id, (known) => toldByRow(row, known))));
    return wrong;
  } finally {
    records.answered(question);
  }
}

function isWrong(records: Records, row: ContainerSummary, question: Question): boolean {
  if (records.knowsBetter(row.Id, question)) return false;
  const known = records.get(row.Id);
  return known === undefined ? listedRecord(row) !== undefined : !agreesWith(known, row);
}

/** A start that failed leaves no trace in Docker's list, nor in its events. */
function isDoubtful(known: NodeRecord | undefined): boolean {
  return known?.kind === 'container' && isCreated(known);
}

/** The row, unless there is something better that it agrees with; otherwise no more of it than is new. */
function toldByRow(row: ContainerSummary, known: NodeRecord | undefined): NodeRecord | undefined {
  if (known === undefined) return listedRecord(row);
  return agreesWith(known, row) ? undefined : relistedRecord(known, row);
}
