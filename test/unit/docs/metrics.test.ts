import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { everyMetric } from '../../metrics/every-metric';

const ROOT = resolve(__dirname, '../../..');
const text = (file: string) => readFileSync(resolve(ROOT, file), 'utf8');

/** The names in a text that look like metrics, without what a histogram's samples add. */
function namesIn(file: string): string[] {
  const found = text(file).match(/\b(dockershim|process|nodejs)_[a-z_]+/g) ?? [];
  return [...new Set(found.map((name) => name.replace(/_(bucket|sum|count)$/, '')))];
}

it('has names by the rules of Prometheus, each once', () => {
  const metrics = everyMetric();
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
  for (const { name, type, help } of metrics) {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(help).toMatch(/\.$/);
  }
});

it.each(['deploy/grafana/dockershim.json', 'docs/operations.md'])('%s names no metric that there is not', (file) => {
  const known = new Set(everyMetric().map(({ name }) => name));
  expect(namesIn(file).filter((name) => !known.has(name))).toEqual([]);
});

it('shows every metric on the dashboard, but for those that only say what runs', () => {
  const shown = new Set(namesIn('deploy/grafana/dockershim.json'));
  const hidden = everyMetric().filter(({ name }) => !shown.has(name));
  expect(hidden.map(({ name }) => name)).toEqual(['process_start_time_seconds']);
});
