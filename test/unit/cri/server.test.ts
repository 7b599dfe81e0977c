import { credentials, Client, type ChannelOptions } from '@grpc/grpc-js';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { RuntimeServiceService, type VersionResponse } from '../../../generated/runtime/v1/api';
import type { CallContext } from '../../../src/lib/call-context';
import { CriServerUnderTest } from '../../support/cri-server-under-test';
import { refusal } from '../../support/grpc-refusal';
import { until } from '../../support/until';
import { KUBELET_FIRST_CALL } from './listen/http2-client-bytes';

const ANSWER: VersionResponse = {
  version: '0.1.0',
  runtimeName: 'docker',
  runtimeVersion: '28.0.0',
  runtimeApiVersion: 'v1',
};
/** Long enough that a test which waits for it fails by jest's own limit. */
const LONG_MS = 60_000;

let cri: CriServerUnderTest;
let contexts: CallContext[];
/** What the verb waits for. */
let work: (ctx: CallContext) => Promise<unknown>;

beforeEach(async () => {
  contexts = [];
  work = () => Promise.resolve();
  cri = new CriServerUnderTest({
    runtime: {
      version: async (_request, ctx) => {
        contexts.push(ctx);
        await work(ctx);
        return ANSWER;
      },
    },
  });
  await cri.start();
});

afterEach(() => cri.remove());

const version = (): Promise<VersionResponse> => cri.client.call(RuntimeServiceService.version, { version: '' });

/** A gate that the test opens. */
function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

test.each([1, 24, 25, 30, 90, 1000])('a deadline %d days from now does not end a call', async (days) => {
  work = () => new Promise((resolve) => setTimeout(resolve, 30));
  const timeoutMs = days * 24 * 3_600_000;
  expect(await cri.client.call(RuntimeServiceService.version, { version: '' }, { timeoutMs })).toEqual(ANSWER);
});

describe('stopping', () => {
  test('without a client', async () => {
    await cri.server.stop(LONG_MS);
    expect(existsSync(cri.socketPath)).toBe(false);
  });

  test('before it was started', async () => {
    await new CriServerUnderTest({}).remove();
  });

  test('closes the idle connection of a client at once', async () => {
    await version();
    const session = new Client(`unix://${cri.socketPath}`, credentials.createInsecure(), LOCAL);
    await ready(session);
    await cri.server.stop(LONG_MS);
    session.close();
  });

  test('closes the idle connection of an old kubelet at once', async () => {
    const kubelet = connect(cri.socketPath);
    kubelet.write(KUBELET_FIRST_CALL);
    const closed = closedOf(kubelet);
    await until(() => contexts.length === 1 && cri.log.length > 0);
    await cri.server.stop(LONG_MS);
    await closed;
  });

  test('closes a connection that says nothing at once', async () => {
    const mute = connect(cri.socketPath);
    const closed = closedOf(mute);
    await new Promise((resolve) => mute.once('data', resolve));
    await cri.server.stop(LONG_MS);
    await closed;
  });

  test('lets calls under way finish', async () => {
    const { open, opened } = gate();
    work = () => opened;
    const answers = [version(), version()];
    await until(() => contexts.length === 2);
    const stopped = cri.server.stop(LONG_MS);
    expect(await Promise.race([stopped, pause(50).then(() => 'still waiting')])).toBe('still waiting');
    open();
    expect(await Promise.all(answers)).toEqual([ANSWER, ANSWER]);
    await stopped;
  });

  test('takes no new calls meanwhile, on old connections or new ones', async () => {
    const { open, opened } = gate();
    work = () => opened;
    const answer = version();
    await until(() => contexts.length === 1);
    const stopped = cri.server.stop(LONG_MS);
    await until(() => !existsSync(cri.socketPath));
    await expect(version()).rejects.toMatchObject(refusal('UNAVAILABLE'));
    open();
    await answer;
    await stopped;
    expect(contexts).toHaveLength(1);
  });

  test('cuts what takes longer than the grace, which cancels it', async () => {
    work = (ctx) => abortOf(ctx);
    const answer = version();
    await until(() => contexts.length === 1);
    const refused = expect(answer).rejects.toMatchObject({ code: expect.any(Number) });
    await cri.server.stop(50);
    await refused;
    expect(contexts[0]?.signal.reason).toMatchObject({ kind: 'Cancelled' });
  });

  test('cuts an old kubelet’s call, too', async () => {
    work = (ctx) => abortOf(ctx);
    const kubelet = connect(cri.socketPath);
    kubelet.write(KUBELET_FIRST_CALL);
    const closed = closedOf(kubelet);
    await until(() => contexts.length === 1);
    await cri.server.stop(50);
    await closed;
    expect(contexts[0]?.signal.aborted).toBe(true);
  });

  test('lets a call that it cut undo what it half made', async () => {
    let undone = false;
    work = async (ctx) => {
      await abortOf(ctx).catch(() => undefined);
      await pause(100);
      undone = true;
    };
    version().catch(() => undefined);
    await until(() => contexts.length === 1);
    await cri.server.stop(10);
    expect(undone).toBe(true);
  });

  test('waits for what a call does after its client has left', async () => {
    const { open, opened } = gate();
    let undone = false;
    work = async (ctx) => {
      await abortOf(ctx).catch(() => undefined);
      await opened;
      undone = true;
    };
    const leaving = new AbortController();
    const answer = cri.client.call(RuntimeServiceService.version, { version: '' }, { signal: leaving.signal });
    await until(() => contexts.length === 1);
    leaving.abort();
    await expect(answer).rejects.toMatchObject(refusal('CANCELLED'));
    await until(() => contexts[0]?.signal.aborted === true);
    const stopped = cri.server.stop(LONG_MS);
    expect(await Promise.race([stopped, pause(50).then(() => 'still waiting')])).toBe('still waiting');
    open();
    await stopped;
    expect(undone).toBe(true);
  });

  test('twice waits for the same end', async () => {
    const { open, opened } = gate();
    work = () => opened;
    const answer = version();
    await until(() => contexts.length === 1);
    const first = cri.server.stop(LONG_MS);
    const second = cri.server.stop(0);
    expect(await Promise.race([second, pause(50).then(() => 'still waiting')])).toBe('still waiting');
    open();
    expect(await answer).toEqual(ANSWER);
    await Promise.all([first, second]);
  });
});

describe('a connection without a call', () => {
  const IDLE_MS = 100;

  async function patientServer(work: () => Promise<unknown>): Promise<CriServerUnderTest> {
    const runtime = { version: () => work().then(() => ANSWER) };
    const server = new CriServerUnderTest({ runtime }, { longestIdleMs: IDLE_MS });
    await server.start();
    return server;
  }

  test('is closed after a time, and the client goes on with another', async () => {
    const server = await patientServer(() => Promise.resolve());
    const kubelet = connect(server.socketPath);
    kubelet.write(KUBELET_FIRST_CALL);
    await closedOf(kubelet);
    for (let call = 0; call < 3; call += 1) {
      await server.client.call(RuntimeServiceService.version, { version: '' });
      await pause(2 * IDLE_MS);
    }
    await server.remove();
  });

  test('is not one on which a call takes long', async () => {
    const server = await patientServer(() => pause(5 * IDLE_MS));
    const answer = server.client.call(RuntimeServiceService.version, { version: '' });
    expect(await answer).toEqual(ANSWER);
    await server.remove();
  });
});

/** A connection that no other client of the test shares. */
const LOCAL: ChannelOptions = { 'grpc.use_local_subchannel_pool': 1 };

function ready(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + 5_000, (error) => (error ? reject(error) : resolve()));
  });
}

function abortOf({ signal }: CallContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

function closedOf(socket: Socket): Promise<void> {
  socket.on('error', () => undefined).resume();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
