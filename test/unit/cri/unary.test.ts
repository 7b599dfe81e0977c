import { credentials, Client } from '@grpc/grpc-js';
import { getEventListeners } from 'node:events';
import { connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import {
  RuntimeServiceService,
  ListContainersResponse,
  type VersionRequest,
  type VersionResponse,
} from '../../../generated/runtime/v1/api';
import type { CallContext } from '../../../src/lib/call-context';
import { ShimError, StandingRefusal, type ErrorKind } from '../../../src/lib/errors';
import type { CallOptions } from '../../support/cri-client';
import { CriServerUnderTest } from '../../support/cri-server-under-test';
import { refusal } from '../../support/grpc-refusal';
import { until } from '../../support/until';
import { frame, headerFrames, HELLO, SETTINGS_ACK } from './listen/http2-client-bytes';

/** HTTP/2's numbers: RFC 9113, §6 and §7. */
const [DATA, RST_STREAM, END_STREAM, CANCEL] = [0x0, 0x3, 0x1, 0x8];

/** Under which Node keeps how many listeners are no leak; zero is any number. */
const LISTENER_LIMIT = 'events.maxEventTargetListeners';

/** No compression, no bytes: every field at its default. */
const EMPTY_MESSAGE = Buffer.alloc(5);

const ANSWER: VersionResponse = {
  version: '0.1.0',
  runtimeName: 'docker',
  runtimeVersion: '28.0.0',
  runtimeApiVersion: 'v1',
};

let verb: (request: VersionRequest, ctx: CallContext) => Promise<VersionResponse>;
let contexts: CallContext[];
let cri: CriServerUnderTest;

beforeEach(async () => {
  contexts = [];
  verb = () => Promise.resolve(ANSWER);
  cri = new CriServerUnderTest({
    runtime: {
      version: (request, ctx) => {
        contexts.push(ctx);
        return verb(request, ctx);
      },
    },
  });
  await cri.start();
});

afterEach(() => cri.remove());

const version = (options?: CallOptions): Promise<VersionResponse> =>
  cri.client.call(RuntimeServiceService.version, { version: 'mine' }, options);

/** Whether a second call is answered: that the first one's trouble was its own. */
async function nextCallIsAnswered(): Promise<void> {
  verb = () => Promise.resolve(ANSWER);
  expect(await version()).toEqual(ANSWER);
}

test('an answer', async () => {
  verb = ({ version }) => Promise.resolve({ ...ANSWER, version });
  expect(await version()).toEqual({ ...ANSWER, version: 'mine' });
});

describe('whatever a verb does, its call fails alone', () => {
  test.each<[string, () => Promise<VersionResponse>, object]>([
    [
      'throws before it waits',
      () => {
        throw new ShimError('NotFound', 'no such pod');
      },
      refusal('NOT_FOUND', /^no such pod$/),
    ],
    [
      'throws later',
      async () => {
        await Promise.resolve();
        throw new ShimError('AlreadyExists', 'taken');
      },
      refusal('ALREADY_EXISTS', /^taken$/),
    ],
    ['throws what is no ShimError', () => Promise.reject(new RangeError('oh')), refusal('INTERNAL', /^oh$/)],
    ['throws what is no error', () => rejected('word'), refusal('INTERNAL', /^word$/)],
    ['throws nothing', () => rejected(undefined), refusal('INTERNAL', /^undefined$/)],
    [
      'throws half a character',
      () => Promise.reject(new Error('bad name \ud83d')),
      refusal('INTERNAL', /^bad name \ufffd$/),
    ],
    ['answers nothing', () => badly(undefined), refusal('INTERNAL', /^the answer cannot be encoded: /)],
    [
      'answers what is no message',
      () => badly({ ...ANSWER, version: Object.create(null) as object }),
      refusal('INTERNAL', /^the answer cannot be encoded: /),
    ],
  ])('%s', async (_what, bad, expected) => {
    verb = bad;
    await expect(version()).rejects.toMatchObject(expected);
    await nextCallIsAnswered();
  });
});

describe('a call that ends before its verb', () => {
  test('by its deadline is DeadlineExceeded, for the verb too', async () => {
    const reason = reasonOfNext();
    await expect(version({ timeoutMs: 1_000 })).rejects.toMatchObject(refusal('DEADLINE_EXCEEDED'));
    expect(await reason).toMatchObject({ kind: 'DeadlineExceeded', message: "the client's deadline has passed" });
    await nextCallIsAnswered();
  });

  test('by its client is Cancelled, for the verb too', async () => {
    const reason = reasonOfNext();
    const cancelling = new AbortController();
    const answer = version({ signal: cancelling.signal, timeoutMs: 60_000 });
    await until(() => contexts.length === 1);
    cancelling.abort();
    await expect(answer).rejects.toMatchObject(refusal('CANCELLED'));
    expect(await reason).toMatchObject({
      kind: 'Cancelled',
      message: expect.stringMatching(/cancelled .* or has left/),
    });
  });

  test('by its client’s end is Cancelled', async () => {
    const reason = reasonOfNext();
    const session = connect('http://localhost', { createConnection: () => connectSocket(cri.socketPath) });
    const headers = { ':method': 'POST', ':path': RuntimeServiceService.version.path, te: 'trailers' };
    const stream = session.request({ ...headers, 'content-type': 'application/grpc' });
    stream.on('error', () => undefined).end(EMPTY_MESSAGE);
    await until(() => contexts.length === 1);
    session.destroy();
    expect(await reason).toMatchObject({ kind: 'Cancelled' });
  });

  test('in the packet that brought it is not begun', async () => {
    const block = headerBlock([
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', RuntimeServiceService.version.path],
      [':authority', 'localhost'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
    ]);
    const request = (stream: number): Buffer =>
      Buffer.concat([headerFrames(block, stream), frame(DATA, END_STREAM, stream, EMPTY_MESSAGE)]);
    const reset = frame(RST_STREAM, 0, 1, Buffer.from([0, 0, 0, CANCEL]));
    const client = connectSocket(cri.socketPath);
    client.write(Buffer.concat([HELLO, SETTINGS_ACK, request(1), reset, request(3)]));
    await until(() => cri.log.length > 0);
    client.destroy();
    expect(contexts).toHaveLength(1);
    expect(contexts[0]?.signal.aborted).toBe(false);
  });

  test('does not wait for a verb that ignores it', async () => {
    let finish: (answer: VersionResponse) => void = () => undefined;
    verb = () => new Promise((resolve) => (finish = resolve));
    await expect(version({ timeoutMs: 1_000 })).rejects.toMatchObject(refusal('DEADLINE_EXCEEDED'));
    // Its late answer goes nowhere and harms nothing.
    finish(ANSWER);
    await nextCallIsAnswered();
    expect(cri.log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

test('after the answer nothing of the call listens any more, and its signal stays as it is', async () => {
  await version();
  await nextCallIsAnswered();
  const [ctx] = contexts;
  expect(ctx?.signal.aborted).toBe(false);
  expect(ctx && getEventListeners(ctx.signal, 'abort')).toEqual([]);
});

test('a verb may ask for many things at once, each of which listens to its signal', async () => {
  await version();
  const { signal } = contexts[0] ?? {};
  // Node 20's getMaxListeners refuses an AbortSignal, and jest's process hears no warnings.
  const limit = Object.getOwnPropertySymbols(signal).find(({ description }) => description === LISTENER_LIMIT);
  expect(Reflect.get(signal ?? {}, limit ?? '')).toBe(0);
});

describe('the log', () => {
  const LEVELS: Record<ErrorKind, string> = {
    Internal: 'error',
    NotFound: 'debug',
    Cancelled: 'debug',
    AlreadyExists: 'warn',
    InvalidArgument: 'warn',
    PermissionDenied: 'warn',
    FailedPrecondition: 'warn',
    ResourceExhausted: 'warn',
    DeadlineExceeded: 'warn',
    Unavailable: 'warn',
    Unimplemented: 'warn',
  };

  test.each(Object.entries(LEVELS) as [ErrorKind, string][])(
    'has one line of a failure: %s at %s',
    async (kind, level) => {
      verb = () => Promise.reject(new ShimError(kind, 'a sentence'));
      await expect(version()).rejects.toMatchObject({ details: 'a sentence' });
      expect(cri.log).toEqual([
        {
          level,
          message: 'failed',
          fields: { method: 'Version', request: 1, kind, error: 'a sentence', ms: expect.any(Number) },
        },
      ]);
    },
  );

  test('has a refusal that is the state of things at debug: whoever asks again gets it again', async () => {
    verb = () => Promise.reject(new StandingRefusal('FailedPrecondition', 'a sentence'));
    await expect(version()).rejects.toMatchObject(refusal('FAILED_PRECONDITION', /^a sentence$/));
    expect(cri.log).toMatchObject([{ level: 'debug', message: 'failed', fields: { kind: 'FailedPrecondition' } }]);
  });

  test('has the stack of what nobody foresaw', async () => {
    verb = () => Promise.reject(new TypeError('oh'));
    await expect(version()).rejects.toMatchObject({ details: 'oh' });
    expect(cri.log).toMatchObject([
      { level: 'error', fields: { stack: expect.stringMatching(/^TypeError: oh\n +at/) } },
    ]);
  });

  test('has an answer that cannot be encoded as a failure', async () => {
    verb = () => badly(undefined);
    await expect(version()).rejects.toThrow();
    expect(cri.log).toMatchObject([{ level: 'error', message: 'failed' }]);
  });

  test('has each answer at debug, and what the verb writes, under a number of its own', async () => {
    verb = (_request, { log }) => {
      log.info('working');
      return Promise.resolve(ANSWER);
    };
    await version();
    await version();
    expect(cri.log.map(({ level, message, fields }) => [level, message, fields['request']])).toEqual([
      ['info', 'working', 1],
      ['debug', 'answered', 1],
      ['info', 'working', 2],
      ['debug', 'answered', 2],
    ]);
  });
});

describe('a message', () => {
  const NEARLY = Math.floor(15.9 * 1024 * 1024);
  const TOO_MUCH = Math.ceil(16.1 * 1024 * 1024);
  let list: CriServerUnderTest;
  let unlimited: Client;

  beforeEach(async () => {
    const containers = (bytes: number): ListContainersResponse =>
      ListContainersResponse.fromPartial({ containers: [{ id: 'x'.repeat(bytes) }] });
    list = new CriServerUnderTest({
      runtime: {
        version: ({ version }) => Promise.resolve({ ...ANSWER, version: String(version.length) }),
        listContainers: ({ filter }) => Promise.resolve(containers(Number(filter?.id))),
      },
    });
    await list.start();
    unlimited = new Client(`unix://${list.socketPath}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
    });
  });

  afterEach(async () => {
    unlimited.close();
    await list.remove();
  });

  const send = (bytes: number): Promise<unknown> => {
    const { path, requestSerialize, responseDeserialize } = RuntimeServiceService.version;
    return new Promise((resolve, reject) => {
      unlimited.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { version: 'x'.repeat(bytes) },
        (error, answer) => (error ? reject(error) : resolve(answer?.version)),
      );
    });
  };

  const receive = async (bytes: number): Promise<number | undefined> => {
    const filter = { id: String(bytes), state: undefined, podSandboxId: '', labelSelector: {} };
    return (await list.client.call(RuntimeServiceService.listContainers, { filter })).containers[0]?.id.length;
  };

  test.each([
    ['to', send, (bytes: number) => String(bytes)],
    ['from', receive, (bytes: number) => bytes],
  ])('of nearly 16 MiB goes %s the shim; of a little more, it is ResourceExhausted', async (_way, go, expected) => {
    expect(await go(NEARLY)).toBe(expected(NEARLY));
    await expect(go(TOO_MUCH)).rejects.toMatchObject(refusal('RESOURCE_EXHAUSTED'));
    expect(await go(10)).toBe(expected(10));
  });

  test('that is too large for a client is told in a sentence, and logged', async () => {
    await expect(receive(TOO_MUCH)).rejects.toMatchObject(
      refusal('RESOURCE_EXHAUSTED', /^the answer has \d+ bytes, more than the 16777216 that clients take/),
    );
    expect(list.log).toMatchObject([{ level: 'warn', message: 'failed', fields: { method: 'ListContainers' } }]);
  });
});

/** The reason for which the signal of the next call aborts. */
function reasonOfNext(): Promise<unknown> {
  return new Promise((resolve) => {
    verb = (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          resolve(signal.reason);
          reject(signal.reason as Error);
        });
      });
  });
}

function rejected(reason: unknown): Promise<never> {
  return new Promise((_resolve, reject) => reject(reason));
}

/** What a verb answers that has a bug. */
function badly(answer: unknown): Promise<VersionResponse> {
  return Promise.resolve(answer as VersionResponse);
}

/** HPACK's plainest form: literals without indexing or Huffman coding. */
function headerBlock(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    fields.map(([name, value]) =>
      Buffer.from(`\0${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`),
    ),
  );
}
