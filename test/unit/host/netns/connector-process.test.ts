import { ChildProcess } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { ConnectorProcess } from '../../../../src/host/netns/connector-process';
import { aCall } from '../../../support/a-call';
import { refusalOf } from '../../../support/refusal';
import { withoutFiles } from '../../../support/without-files';

let namespace: number;

beforeEach(() => (namespace = openSync('/proc/self/ns/net', 'r')));

afterEach(() => {
  closeSync(namespace);
  jest.restoreAllMocks();
});

it('says that no file is left for the pipes of its process', async () => {
  const connecting = withoutFiles(() =>
    ConnectorProcess.start(namespace, ['true']).connect(aCall().ctx, ['127.0.0.1'], 7),
  );
  expect(await refusalOf(connecting)).toMatch(/^Unavailable: the process in its network namespace failed: .*EMFILE$/);
});

it('sends no signal to a process that could not be started: Node would send it to the process group of the shim', async () => {
  const kill = jest.spyOn(ChildProcess.prototype, 'kill').mockReturnValue(false);
  await withoutFiles(async () => {
    const connector = ConnectorProcess.start(namespace, ['true']);
    connector.kill();
    await new Promise((resolve) => setImmediate(resolve));
    expect(connector.hasEnded).toBe(true);
  });
  expect(kill).not.toHaveBeenCalled();
});
