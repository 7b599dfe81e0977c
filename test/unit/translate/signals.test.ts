import { constants } from 'node:os';
import { Signal } from '../../../generated/runtime/v1/api';
import { criSignal, dockerSignal } from '../../../src/translate/signals';

const SIGNALS = Object.values(Signal).filter(
  (signal): signal is Signal => typeof signal === 'number' && signal > Signal.SIGNAL_RUNTIME_DEFAULT,
);

/** The names that Docker takes, as its `--stop-signal` documents them, in CRI's order. */
const DOCKER_NAMES = [
  ...'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS'.split(' '),
  ...'TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN'.split(' '),
  ...Array.from({ length: 15 }, (_, at) => `RTMIN+${at + 1}`),
  ...Array.from({ length: 14 }, (_, at) => `RTMAX-${14 - at}`),
  'RTMAX',
].map((name) => `SIG${name}`);

it('all 65 have their name in Docker', () => {
  expect(SIGNALS).toHaveLength(65);
  expect(SIGNALS.map(dockerSignal)).toEqual(DOCKER_NAMES);
});

it('all 65 come back from Docker, with and without SIG, in small letters too', () => {
  for (const [at, name] of DOCKER_NAMES.entries()) {
    const written = [name, name.slice(3), name.toLowerCase(), name.slice(3).toLowerCase()];
    expect([name, written.map(criSignal)]).toEqual([name, written.map(() => SIGNALS[at])]);
  }
});

it('no signal is the default on both sides', () => {
  expect(dockerSignal(Signal.SIGNAL_RUNTIME_DEFAULT)).toBeUndefined();
  expect(criSignal(undefined)).toBe(Signal.SIGNAL_RUNTIME_DEFAULT);
  expect(criSignal('')).toBe(Signal.SIGNAL_RUNTIME_DEFAULT);
});

it.each(['nonsense', 'SIG', '0', '65', '-1', 'RTMIN+16', 'RUNTIME_DEFAULT', 'toString'])(
  'the unknown %j is the default, and no guess',
  (name) => {
    expect(criSignal(name)).toBe(Signal.SIGNAL_RUNTIME_DEFAULT);
  },
);

it.each([
  ['1', 'SIGHUP'],
  ['2', 'SIGINT'],
  ['3', 'SIGQUIT'],
  ['6', 'SIGABRT'],
  ['9', 'SIGKILL'],
  ['10', 'SIGUSR1'],
  ['12', 'SIGUSR2'],
  ['15', 'SIGTERM'],
  ['28', 'SIGWINCH'],
] as const)('the number %s is %s', (number, name) => {
  expect(constants.signals[name]).toBe(Number(number));
  expect(criSignal(number)).toBe(Signal[`SIGNAL_${name}`]);
});

it('real-time signals have numbers too', () => {
  expect(criSignal('34')).toBe(Signal.SIGNAL_SIGRTMIN);
  expect(criSignal('37')).toBe(Signal.SIGNAL_SIGRTMINPLUS3);
});
