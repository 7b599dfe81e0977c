import { existsSync, readFileSync } from 'node:fs';
import { tarArchive } from '../../src/sandbox/pause/tar-archive';
import type { BareEngine } from './bare-engine';

const PLACES = ['/bin/busybox', '/usr/bin/busybox'];

/** Makes an image of this machine's busybox alone, at /busybox. No registry takes part. */
export async function importBusybox(engine: BareEngine, name: string): Promise<void> {
  const place = PLACES.find((file) => existsSync(file));
  if (place === undefined) throw new Error('there is no static busybox on this machine: install busybox-static');
  const archive = tarArchive([{ name: 'busybox', mode: 0o555, content: readFileSync(place) }]);
  await engine.call('POST', `/images/create?fromSrc=-&repo=${name}`, archive);
}
