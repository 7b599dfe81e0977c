import { FreshRuns } from '../../../src/lib/fresh-runs';

/** Work that ends when it is told to. */
class Work {
  readonly begun: string[] = [];
  private readonly ends: ((error?: Error) => void)[] = [];
  readonly runs = new FreshRuns((key) => {
    this.begun.push(key);
    return new Promise((resolve, reject) => this.ends.push((error) => (error ? reject(error) : resolve())));
  });

  async end(error?: Error): Promise<void> {
    this.ends.shift()?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('gives whoever asks a run that begins after the question, and shares it', async () => {
  const work = new Work();
  const first = work.runs.run('a');
  const second = work.runs.run('a');
  expect(work.runs.run('a')).toBe(second);
  expect(work.begun).toEqual(['a']);
  await work.end();
  await first;
  expect(work.begun).toEqual(['a', 'a']);
  expect(work.runs.current('a')).toBeDefined();
  await work.end();
  await second;
  expect(work.runs.current('a')).toBeUndefined();
  expect(work.begun).toEqual(['a', 'a']);
});

it('runs different keys side by side', () => {
  const work = new Work();
  void work.runs.run('a');
  void work.runs.run('b');
  expect(work.begun).toEqual(['a', 'b']);
});

it('tells a failure to those who wait for that run, and begins the next', async () => {
  const work = new Work();
  const first = work.runs.run('a');
  const second = work.runs.run('a');
  const failed = expect(first).rejects.toThrow('no');
  await work.end(new Error('no'));
  await failed;
  await work.end();
  await expect(second).resolves.toBeUndefined();
});
