import { Reloading } from '../../../src/cli/reload';
import { settle, type Settings } from '../../../src/config/settings';
import { createLog } from '../../../src/telemetry/log';

const level = (value: string): Settings => settle([{ option: 'log-level', value, from: 'x' }]);

let said: string[];
let applied: string[];
let load: jest.Mock<Promise<Settings>, []>;
let reloading: Reloading;
beforeEach(() => {
  said = [];
  applied = [];
  load = jest.fn();
  const log = createLog({ level: 'info', format: 'text', write: (line) => said.push(line.slice(25).trimEnd()) });
  const apply = (settings: Settings): void => void applied.push(settings['log-level'].values.join());
  reloading = new Reloading({ load, apply, log }, level('info'));
});

it('puts into effect what changed, and says what', async () => {
  load.mockResolvedValue(level('debug'));
  await reloading.reload();
  expect(applied).toEqual(['debug']);
  expect(said).toEqual([
    'info  read the configuration anew changed=1 waiting=0',
    'info  an option has changed option=log-level from=info to=debug',
  ]);
});

it('says what waits for a restart', async () => {
  load.mockResolvedValue(settle([{ option: 'root-directory', value: '/b', from: 'x' }]));
  await reloading.reload();
  expect(said[1]).toBe(
    'warn  an option waits for a restart; pods go on during one option=root-directory from=/var/lib/dockershim to=/b',
  );
});

it('keeps the old one when the new one has a fault', async () => {
  load.mockRejectedValue(new Error('/x.yaml:3: there is no option "a"'));
  await reloading.reload();
  expect(applied).toEqual([]);
  expect(said).toEqual([
    'error the configuration is not read anew, the old one stays error="/x.yaml:3: there is no option \\"a\\""',
  ]);
});

it('reads once more what may have changed while it was read', async () => {
  let finish: (settings: Settings) => void = () => undefined;
  load.mockReturnValueOnce(new Promise((resolve) => (finish = resolve))).mockResolvedValue(level('warn'));
  const first = reloading.reload();
  const others = [reloading.reload(), reloading.reload()];
  finish(level('debug'));
  await Promise.all([first, ...others]);
  expect(load).toHaveBeenCalledTimes(2);
  expect(applied).toEqual(['debug', 'warn']);
});
