import { readFile } from 'node:fs/promises';
import { NamespaceMode } from '../../generated/runtime/v1/api';
import { dockerOn } from '../support/engine-under-test';
import { PrivateEngine } from '../support/private-engine';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

/** On an engine whose operator has set, for the logs of all containers, what the shim's spool does not go with. */
jest.setTimeout(120_000);

/** As `log-opts` in daemon.json. */
const engine = new PrivateEngine(['--log-opt', 'mode=non-blocking', '--log-opt', 'max-buffer-size=4m']);
let shim: ShimUnderTest;

beforeAll(async () => {
  await engine.start();
  shim = await ShimUnderTest.start(`--docker-endpoint=unix://${engine.socket}`);
});

afterAll(async () => {
  await shim.stop();
  await engine.remove();
});

it('containers have a log where the engine’s logs must not wait, with its buffer', async () => {
  const pods = await TestPods.over(shim, engine.socket);
  const namespaceOptions = { network: NamespaceMode.NODE };
  const pod = await pods.run({ linux: { securityContext: { namespaceOptions } } });
  const { id, logPath } = await pods.ended(pod, { command: ['sh', '-c', 'seq 1000'] });

  const lines = (await readFile(logPath, 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => line.split(' ').at(-1))).toEqual(Array.from({ length: 1000 }, (_, n) => String(n + 1)));
  const { Type, Config } = JSON.parse(
    await dockerOn(engine.socket, 'inspect', '--format', '{{json .HostConfig.LogConfig}}', id),
  ) as { Type: string; Config: object };
  expect(Type).toBe('json-file');
  expect(Config).toMatchObject({ mode: 'non-blocking', 'max-buffer-size': '4m', 'max-file': '8', compress: 'false' });
});
