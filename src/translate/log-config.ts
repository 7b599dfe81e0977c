import type { HostConfig } from '../docker/types';

/**
 * How many files the spool has. Docker removes the oldest one whole, so that of this many all but one can be told to wait
 * for the shim.
 */
const SPOOL_FILES = 8;

/**
 * Docker's json-file log as a spool of so many bytes for the container's CRI log. What the engine's daemon.json may say
 * of compression and of dropping output is overruled: both would lose lines. An engine that is set to another driver
 * keeps it, for whoever reads its logs there, unless that keeps none at all.
 */
export function spoolLogConfig(spoolBytes: number, engineDriver: string): HostConfig['LogConfig'] {
  if (engineDriver !== 'json-file' && engineDriver !== 'none') return undefined;
  const fileBytes = Math.floor(spoolBytes / SPOOL_FILES);
  return {
    Type: 'json-file',
    Config: { 'max-size': String(fileBytes), 'max-file': String(SPOOL_FILES), compress: 'false', mode: 'blocking' },
  };
}

/**
 * The same spool, fed through a buffer that drops output while it is full: all that an engine accepts whose daemon.json
 * has `max-buffer-size`, which it adds to the options of every json-file log and refuses beside `mode: blocking`. The
 * buffer is of that size: it is memory of dockerd's, of which its operator has the say.
 */
export function bufferedLogConfig(spool: HostConfig['LogConfig']): HostConfig['LogConfig'] {
  return spool && { ...spool, Config: { ...spool.Config, mode: 'non-blocking' } };
}
