import { dockerRuntime, readRuntimeHandler } from '../../../src/translate/runtime-handlers';
import { refusal } from '../../support/refusal';

const RUNTIMES = { names: ['runc', 'kata', 'io.containerd.runc.v2'], default: 'runc', recursiveReadOnly: ['runc'] };

it.each([
  ['', ''],
  ['docker', ''],
  ['runc', 'runc'],
  ['kata', 'kata'],
])('the handler %j is the runtime %j', (handler, runtime) => {
  expect(dockerRuntime(handler, RUNTIMES)).toBe(runtime);
});

it('an unknown handler is refused with those that there are', () => {
  expect(refusal(() => dockerRuntime('gvisor', RUNTIMES))).toBe(
    'InvalidArgument: runtime_handler "gvisor" is none of this Docker Engine\'s runtimes ' +
      '(io.containerd.runc.v2, kata, runc): add it to daemon.json',
  );
});

it.each([
  [undefined, ''],
  ['runc', ''],
  ['kata', 'kata'],
  ['io.containerd.runc.v2', 'io.containerd.runc.v2'],
])('a sandbox of the runtime %j has the handler %j', (runtime, handler) => {
  expect(readRuntimeHandler(runtime, RUNTIMES)).toBe(handler);
});
