import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { CriListener } from '../../../../src/cri/listen/cri-listener';
import { parseEndpoint } from '../../../../src/lib/endpoint';
import { silentLog } from '../../../../src/lib/log';
import { versionServer } from './version-server';

/** Serves Version on the endpoint named by its argument, and says on stdout what became of that. */
async function main(endpoint: string): Promise<void> {
  const { inject } = versionServer();
  try {
    await CriListener.open({ endpoints: [parseEndpoint(endpoint)], env: process.env, log: silentLog, inject });
  } catch (error) {
    console.log(`refused: ${(error as Error).message}`);
    return;
  }
  const left = Object.keys(process.env).filter((name) => name.startsWith('LISTEN_'));
  const child = spawnSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' });
  console.log(JSON.stringify({ left, childHasSocket: child.stdout.includes(readlinkSync('/proc/self/fd/3')) }));
}

void main(process.argv[2] ?? 'fd://');
