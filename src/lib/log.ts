/** What every room may ask of a log. The implementation is telemetry/log.ts; `with` binds fields once for many lines. */
export type LogFields = Readonly<Record<string, string | number | boolean | bigint | undefined>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  with(fields: LogFields): Log;
}

/** A log that keeps nothing, for tests and for work that nobody watches. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  with() {
    return silentLog;
  },
};
