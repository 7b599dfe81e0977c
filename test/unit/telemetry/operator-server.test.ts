import { once } from 'node:events';
import { connect } from 'node:net';
import { ShimError } from '../../../src/lib/errors';
import { silentLog } from '../../../src/lib/log';
import { Counter } from '../../../src/telemetry/metrics/instruments';
import { OperatorServer } from '../../../src/telemetry/operator-server';
import { refusalOf } from '../../support/refusal';

let shim: () => Promise<void>;
let engine: () => Promise<void>;
let server: OperatorServer;
let base: string;

beforeEach(async () => {
  shim = () => Promise.resolve();
  engine = () => Promise.resolve();
  const instruments = [new Counter('c_total', 'Things.', [])];
  const well = { healthy: () => shim(), ready: () => engine() };
  server = new OperatorServer({ host: '127.0.0.1', port: 0, instruments, ...well, log: silentLog });
  base = (await server.start()).replace('/metrics', '');
});

afterEach(() => server.stop());

it('serves metrics as Prometheus reads them', async () => {
  const answer = await fetch(`${base}/metrics`);

  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await answer.text()).toBe('# HELP c_total Things.\n# TYPE c_total counter\n');
});

it('is healthy without an engine, but not ready', async () => {
  engine = () => Promise.reject(new ShimError('Unavailable', 'no engine answers on /run/docker.sock'));

  expect((await fetch(`${base}/healthz`)).status).toBe(200);
  const ready = await fetch(`${base}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, 'no engine answers on /run/docker.sock\n']);
});

it('is not healthy when the shim does not answer', async () => {
  shim = () => Promise.reject(new ShimError('Unavailable', 'nothing answers on /run/dockershim.sock'));
  const answer = await fetch(`${base}/healthz`);
  expect([answer.status, await answer.text()]).toEqual([503, 'nothing answers on /run/dockershim.sock\n']);
});

it('is ready with one', async () => {
  expect((await fetch(`${base}/readyz`)).status).toBe(200);
});

it('says what there is to whoever asks for something else', async () => {
  const answer = await fetch(`${base}/`);
  expect([answer.status, await answer.text()]).toEqual([404, 'there are /metrics, /healthz and /readyz here\n']);
  expect((await fetch(`${base}/metrics`, { method: 'POST' })).status).toBe(405);
});

it('names the address that it cannot have', async () => {
  const port = Number(new URL(base).port);
  const well = { healthy: () => shim(), ready: () => engine() };
  const taken = { host: '127.0.0.1', port, instruments: [], ...well, log: silentLog };

  expect(await refusalOf(new OperatorServer(taken).start())).toMatch(/cannot listen on 127.0.0.1:\d+ for metrics/);
});

it('answers beside clients that ask for nothing, and those are cut off', async () => {
  await server.stop();
  const limits = { host: '127.0.0.1', port: 0, instruments: [], opening: { most: 20, ms: 500 } };
  server = new OperatorServer({ ...limits, healthy: () => shim(), ready: () => engine(), log: silentLog });
  base = (await server.start()).replace('/metrics', '');
  const crowd = Array.from({ length: 100 }, () => connect(Number(new URL(base).port), '127.0.0.1').resume());
  const gone = crowd.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  await Promise.all(crowd.map((socket) => once(socket, 'connect')));

  const answer = await fetch(`${base}/healthz`);
  expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
  await Promise.all(gone);
});
