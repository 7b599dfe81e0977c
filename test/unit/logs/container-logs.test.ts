import { readFileSync } from 'node:fs';
import type { ContainerInspect } from '../../../src/docker/types';
import { silentLog } from '../../../src/lib/log';
import { ContainerLogs } from '../../../src/logs/container-logs';
import type { LogsEngine } from '../../../src/logs/engine-output';
import { LogOffsets } from '../../../src/store/log-offsets';
import { aCall } from '../../support/a-call';
import { jsonOf, JsonFileLog, lineOf, timeOf, type Entry } from '../../support/json-file-log';
import { temporaryDirectory } from '../../support/temporary-directory';

const ID = 'c'.repeat(64);
const root = temporaryDirectory();
const anEntry = (number: number): Entry => ({ text: `line ${number}\n`, stream: 'stdout', time: timeOf(number) });
const container = { Id: ID, Config: {}, HostConfig: { LogConfig: { Type: 'json-file' } } } as ContainerInspect;

let docker: JsonFileLog;
let logs: ContainerLogs;

beforeEach(() => {
  docker = new JsonFileLog(root.path('docker', 'containers', ID, `${ID}-json.log`), 2);
  logs = new ContainerLogs({
    engine: {} as LogsEngine,
    offsets: new LogOffsets(root.path('offsets')),
    format: 'cri',
    log: silentLog,
  });
  logs.start();
});

afterEach(() => logs.stop());

const begin = () => logs.begin({ container, logPath: root.path('0.log'), dockerRootDirectory: root.path('docker') });
const written = () => readFileSync(root.path('0.log'), 'utf8');

it('is followed once, however many begin it at the same time', async () => {
  await Promise.all([begin(), begin(), begin()]);
  expect(logs.following).toBe(1);
  docker.write(jsonOf(anEntry(1)) + jsonOf(anEntry(2)));
  await logs.drained(ID, aCall().ctx);

  expect(written()).toBe(lineOf(anEntry(1)) + lineOf(anEntry(2)));
  expect(logs.following).toBe(0);
});
