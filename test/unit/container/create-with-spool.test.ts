import { createWithSpool } from '../../../src/container/create-with-spool';
import { answerToError } from '../../../src/docker/errors';
import type { ContainerCreate } from '../../../src/docker/types';
import { silentLog } from '../../../src/lib/log';
import { spoolLogConfig } from '../../../src/translate/log-config';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';

const REFUSAL = "logger: max-buffer-size option is only supported with 'mode=non-blocking'";
const SPOOL = spoolLogConfig(64 * 1024 * 1024, 'json-file');

function under(refusalFor: (body: ContainerCreate) => string | undefined) {
  const asked: ContainerCreate[] = [];
  const warned: string[] = [];
  const send = createWithSpool({
    createContainer: (_ctx, name, body) => {
      asked.push(body);
      const refusal = refusalFor(body);
      return refusal === undefined ? Promise.resolve(name) : Promise.reject(answerToError(500, refusal));
    },
  });
  const log = { ...silentLog, warn: (message: string) => warned.push(message) };
  const create = (LogConfig: ContainerCreate['HostConfig']['LogConfig']) =>
    send(aCall(log).ctx, 'app', { Image: 'busybox:1', HostConfig: { Memory: 7, LogConfig } } as ContainerCreate);
  return { asked, warned, create };
}

const refusesToBlock = ({ HostConfig: { LogConfig } }: ContainerCreate) =>
  LogConfig?.Config?.['mode'] === 'blocking' ? REFUSAL : undefined;

it('an engine whose logs must not wait gets a buffer of its own size, and the log says once what that means', async () => {
  const { asked, warned, create } = under(refusesToBlock);
  expect(await create(SPOOL)).toBe('app');
  expect(await create(SPOOL)).toBe('app');
  expect(asked[1]).toEqual({
    Image: 'busybox:1',
    HostConfig: { Memory: 7, LogConfig: { ...SPOOL, Config: { ...SPOOL?.Config, mode: 'non-blocking' } } },
  });
  expect(warned).toEqual([expect.stringMatching(/output may be dropped .* max-buffer-size .* daemon\.json/)]);
});

it('every other engine is asked once, for a log that waits', async () => {
  const { asked, warned, create } = under(() => undefined);
  await create(SPOOL);
  expect(asked.map(({ HostConfig }) => HostConfig.LogConfig)).toEqual([SPOOL]);
  expect(warned).toEqual([]);
});

it.each([
  ['another refusal', SPOOL, 'no space left on device: max-buffer-size'],
  ['a log that is none of the shim’s', undefined, REFUSAL],
])('%s is the answer', async (_, logConfig, words) => {
  const { asked, create } = under(() => words);
  expect(await refusalOf(create(logConfig))).toBe(`Internal: docker: ${words}`);
  expect(asked).toHaveLength(1);
});
