import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ContainerInspect } from '../../../src/docker/types';
import { PodDialer } from '../../../src/network/pod-dialer';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';

/** A program on the host, and a process that stands for the pause of a pod on the host's network. */
let server: Server;
const connections: Socket[] = [];
let port: number;
let pause: ChildProcess;
let pid: number;

beforeAll(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.push(socket.pipe(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

afterAll(() => {
  server.close();
});

beforeEach(() => {
  pause = spawn('sleep', ['1000']);
  pid = pause.pid ?? 0;
});

afterEach(() => {
  pause.kill();
  for (const socket of connections.splice(0)) socket.destroy();
});

/** A dialer to which the engine tells these states of the pod, the last one again and again. */
function dialerOver(...states: { Pid: number; Running: boolean }[]) {
  const asked: string[] = [];
  const dialer = new PodDialer({
    findSandbox: (_ctx, id) => {
      const State = states[Math.min(asked.length, states.length - 1)];
      asked.push(id);
      return Promise.resolve({ Id: id, State, HostConfig: { NetworkMode: 'host' } } as unknown as ContainerInspect);
    },
    network: { addresses: () => Promise.resolve([]) },
    connectorCommand: [],
  });
  return { dialer, asked, dial: (to = port) => dialer.dial('pod', to, aCall().ctx) };
}

it('connects a pod on the host’s network by a plain connect, and lets each side end by itself', async () => {
  const { dial } = dialerOver({ Pid: pid, Running: true });
  const socket = await dial();

  socket.end('hello');
  const parts = (await socket.toArray()) as Buffer[];

  expect(Buffer.concat(parts).toString()).toBe('hello');
});

it('asks the engine about a pod for the first connection, and not for the next ones', async () => {
  const { dial, asked } = dialerOver({ Pid: pid, Running: true });

  await Promise.all([dial(), dial()]);
  const first = asked.length;
  await dial();

  // Before and after it takes hold of the process, for both calls together.
  expect(first).toBe(2);
  expect(asked.length).toBe(2);
});

it('asks again when the process is another one, when the pod was let go, and when the dialer was closed', async () => {
  const { dialer, dial, asked } = dialerOver({ Pid: pid, Running: true });
  await dial();
  await dialer.forget('pod');
  await dial();
  await dialer.close();
  await dial();
  expect(asked.length).toBe(6);

  pause.kill('SIGKILL');
  await once(pause, 'exit');

  expect(await refusalOf(dial())).toMatch(/^Unavailable: .*restarted/);
  expect(asked.length).toBe(8);
});

it('refuses a pod that does not run', async () => {
  const { dial } = dialerOver({ Pid: 0, Running: false });

  expect(await refusalOf(dial())).toBe('FailedPrecondition: the pod sandbox pod does not run');
});

it('refuses a pod that is restarted while it looks', async () => {
  const { dial } = dialerOver({ Pid: pid, Running: true }, { Pid: pid + 1, Running: true });

  expect(await refusalOf(dial())).toBe('Unavailable: the pod sandbox pod was restarted just now');
});

it('says which address refused', async () => {
  const { dial } = dialerOver({ Pid: pid, Running: true });
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port: free } = gone.address() as AddressInfo;
  gone.close();
  await once(gone, 'close');

  expect(await refusalOf(dial(free))).toBe(`Unavailable: connect ECONNREFUSED 127.0.0.1:${free}`);
});

it('stops when the call has ended', async () => {
  const { dialer, dial } = dialerOver({ Pid: pid, Running: true });
  await dial();
  const call = aCall();
  call.cancel();

  await expect(dialer.dial('pod', port, call.ctx)).rejects.toBe(call.reason);
});
