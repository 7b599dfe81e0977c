import type { Instrument } from './instruments';

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The metrics in Prometheus' text format. A metric without samples yet is described all the same. */
export async function exposition(instruments: readonly Instrument[]): Promise<string> {
  const blocks = instruments.map(async (instrument) => {
    const { name, type, help } = instrument;
    const about = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return [`# HELP ${name} ${about}`, `# TYPE ${name} ${type}`, ...(await instrument.lines()), ''].join('\n');
  });
  return (await Promise.all(blocks)).join('');
}
