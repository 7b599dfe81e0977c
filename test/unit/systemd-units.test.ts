import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KERNEL_LOG } from '../../src/host/oom-kills';

const UNITS = join(__dirname, '../../deploy/systemd');
const ANALYZE = '/usr/bin/systemd-analyze';

/** What systemd itself complains of, with a program in the place of the one that is not installed here. */
function complaints(): string {
  const directory = mkdtempSync(join(tmpdir(), 'dockershim-units-'));
  try {
    const copies = readdirSync(UNITS).map((name) => {
      const copy = join(directory, name);
      writeFileSync(copy, readFileSync(join(UNITS, name), 'utf8').replaceAll('/usr/bin/dockershim', '/bin/true'));
      return copy;
    });
    const { stderr, status } = spawnSync(ANALYZE, ['verify', '--man=no', ...copies], { encoding: 'utf8' });
    return status === 0 ? stderr : `${stderr}ended with ${status}`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

// A machine without systemd has nobody to ask.
(existsSync(ANALYZE) ? test : test.skip)('systemd finds nothing wrong with the units', () => {
  expect(complaints()).toBe('');
});

test('the socket stays open when the service is started anew', () => {
  const socket = readFileSync(join(UNITS, 'dockershim.socket'), 'utf8');
  const service = readFileSync(join(UNITS, 'dockershim.service'), 'utf8');
  expect(socket).not.toMatch(/^PartOf=/m);
  expect(service).not.toMatch(/^PropagatesStopTo=/m);
  expect(service).toMatch(/^StartLimitIntervalSec=0$/m);
});

test("the service may read the kernel's log", () => {
  const service = readFileSync(join(UNITS, 'dockershim.service'), 'utf8');
  expect(service).toMatch(new RegExp(`^DeviceAllow=${KERNEL_LOG} r$`, 'm'));
  expect(service).not.toMatch(/^CapabilityBoundingSet=~.*CAP_SYSLOG/m);
});
