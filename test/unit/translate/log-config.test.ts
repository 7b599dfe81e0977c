import { spoolLogConfig } from '../../../src/translate/log-config';

it.each(['json-file', 'none'])('an engine that is set to %s has a bounded spool, without loss', (driver) => {
  expect(spoolLogConfig(64 * 1024 * 1024, driver)).toEqual({
    Type: 'json-file',
    Config: { 'max-size': '8388608', 'max-file': '8', compress: 'false', mode: 'blocking' },
  });
});

it.each(['journald', 'local', 'syslog', 'fluentd'])('an engine that is set to %s keeps it', (driver) => {
  expect(spoolLogConfig(64 * 1024 * 1024, driver)).toBeUndefined();
});
