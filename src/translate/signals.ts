import { Signal } from '../../generated/runtime/v1/api';

const PREFIX = 'SIGNAL_';

/** Docker's name of a CRI signal (`SIGRTMIN+3`), or undefined for the runtime's default. */
export function dockerSignal(signal: Signal): string | undefined {
  if (signal === Signal.SIGNAL_RUNTIME_DEFAULT) return undefined;
  return Signal[signal]?.slice(PREFIX.length).replace('MINPLUS', 'MIN+').replace('MAXMINUS', 'MAX-');
}

/** CRI's number of a stop signal as images and Docker write it: `SIGTERM`, `TERM`, `sigrtmin+3`, `15`. */
export function criSignal(name: string | undefined): Signal {
  if (name === undefined || name === '') return Signal.SIGNAL_RUNTIME_DEFAULT;
  const upper = name.toUpperCase();
  const named = NUMBERED[upper] ?? upper.replace(/^(?!SIG)/, 'SIG');
  const key = PREFIX + named.replace('MIN+', 'MINPLUS').replace('MAX-', 'MAXMINUS');
  const signal = Signal[key as keyof typeof Signal] as Signal | undefined;
  return signal ?? Signal.SIGNAL_RUNTIME_DEFAULT;
}

/** The numbers that images use in STOPSIGNAL; they are the same on amd64 and arm64 (signal(7)). */
const NUMBERED: Readonly<Record<string, string>> = {
  '1': 'SIGHUP',
  '2': 'SIGINT',
  '3': 'SIGQUIT',
  '6': 'SIGABRT',
  '9': 'SIGKILL',
  '10': 'SIGUSR1',
  '12': 'SIGUSR2',
  '15': 'SIGTERM',
  '28': 'SIGWINCH',
  '34': 'SIGRTMIN',
  '37': 'SIGRTMIN+3',
};
