import type { FaultBench } from './fault-bench';

/** The length of what is shown of an answer: its end, which has the reason. */
const SHOWN = 60;

/** What each fault left, and what was left when the calls had been repeated. Printed when the file's tests have run. */
export class FaultTable {
  private readonly rows: Record<'fault' | 'the call answers' | 'left by it' | 'left in the end', string>[] = [];

  constructor(private readonly bench: FaultBench) {
    afterAll(() => console.table(this.rows));
  }

  /** Notes what the fault left, lets `repeat` do what the kubelet would, and expects nothing to be left. */
  async settle(fault: string, answer: string, repeat: () => Promise<void>): Promise<void> {
    const between = await this.bench.left();
    await repeat();
    const end = await this.bench.left();
    this.rows.push({
      fault,
      'the call answers': answer.length > SHOWN ? `…${answer.slice(-SHOWN)}` : answer,
      'left by it': between.join(', '),
      'left in the end': end.join(', '),
    });
    expect(end).toEqual([]);
  }
}

/** A call's answer, in a line. */
export async function answerOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'success',
    (error: unknown) => String((error as { details?: string }).details).replace(/^(Deadline exceeded).*/s, '$1'),
  );
}
