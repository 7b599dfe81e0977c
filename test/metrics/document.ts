import { everyMetric } from './every-metric';

/** docs/metrics.md. */
export function metricsDocument(): string {
  const rows = everyMetric().map(({ name, type, labels, help }) => {
    const by = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${by} | ${help} |`;
  });
  return `# Metrics

What \`/metrics\` serves with \`--metrics-bind-addr\`, in Prometheus' text format. Made of the program's own table by
\`npm run reference\`. Without that option nothing is counted.

| name | type | labels | what it is |
|---|---|---|---|
${rows.join('\n')}

A \`code\` is \`OK\` or the kind of failure, under gRPC's names. An \`operation\` is a request to Docker without ids and names.
`;
}
