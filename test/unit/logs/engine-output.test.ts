import { PassThrough } from 'node:stream';
import type { ContainerStatusWord } from '../../../src/docker/types';
import { Bell } from '../../../src/lib/bell';
import { ShimError } from '../../../src/lib/errors';
import { EngineOutput } from '../../../src/logs/engine-output';
import type { LogsEngine } from '../../../src/logs/engine-question';
import { renderBuffers } from '../../../src/logs/render-buffers';
import { keptLog, type LogLine } from '../../support/cri-server-under-test';

const TIME = '2026-01-02T03:04:05.123456789Z';

let answers: PassThrough[];
let logged: LogLine[];
let source: EngineOutput;
let state: { Status: ContainerStatusWord; Running: boolean };
let refusal: ShimError | undefined;

beforeEach(async () => {
  answers = [];
  logged = [];
  state = { Status: 'running', Running: true };
  refusal = undefined;
  const engine = {
    followLogs: () => {
      if (refusal !== undefined) return Promise.reject(refusal);
      const answer = new PassThrough();
      answers.push(answer);
      return Promise.resolve(answer);
    },
    inspectContainer: () => Promise.resolve({ State: state }),
  } as unknown as LogsEngine;
  source = new EngineOutput(engine, { id: 'c', tty: false }, new Bell(), keptLog(logged));
  await source.seek(undefined);
});

afterEach(() => source.close());

function frame(stream: number, text: string): Buffer {
  const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

/** Reads until so many lines have come. */
async function lines(count: number): Promise<string[]> {
  const buffers = renderBuffers();
  let text = '';
  while (text.split('\n').length <= count) {
    text += buffers.output.toString('utf8', 0, await source.read(buffers));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return text.split('\n').slice(0, -1);
}

async function theAnswer(number: number): Promise<PassThrough> {
  for (;;) {
    await source.read(renderBuffers());
    const answer = answers[number - 1];
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

it('keeps what the engine says of itself out of the container’s log', async () => {
  const answer = await theAnswer(1);
  answer.write(frame(1, `${TIME} one\n`));
  answer.write(frame(3, 'Error grabbing logs: a file is broken\n'));
  answer.write(frame(2, `${TIME} two\n`));
  expect(await lines(2)).toEqual([`${TIME} stdout F one`, `${TIME} stderr F two`]);
  expect(logged).toMatchObject([
    { level: 'warn', fields: { container: 'c', error: 'Error grabbing logs: a file is broken' } },
  ]);
});

it('asks again, from the last entry on, after bytes that are no log', async () => {
  const first = await theAnswer(1);
  first.write(frame(1, `${TIME} one\n`));
  expect(await lines(1)).toEqual([`${TIME} stdout F one`]);
  first.write('HTTP/1.1 500 Internal Server Error\r\n\r\n');
  const second = await theAnswer(2);
  // The engine tells what it has at and after the time that it is asked from.
  second.write(frame(1, `${TIME} one\n`));
  second.write(frame(1, `${TIME} two\n`));
  expect(await lines(1)).toEqual([`${TIME} stdout F two`]);
  expect(logged.map(({ message }) => message)).toEqual(['docker sent what is no log']);
});

/** Reads until the source says that nothing more will come. */
async function finish(): Promise<void> {
  while (!source.finished) {
    await source.read(renderBuffers());
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('comes to its end', () => {
  it('with a container whose start has failed: to Docker it was only created', async () => {
    state = { Status: 'created', Running: false };
    (await theAnswer(1)).end();
    source.end();
    (await theAnswer(2)).end();
    await finish();
    expect(source.gone).toBe(false);
  });

  it.each(['Unimplemented', 'FailedPrecondition'] as const)(
    'when the engine refuses the log for good: %s',
    async (kind) => {
      refusal = new ShimError(kind, 'docker: no');
      await source.seek(undefined);
      await source.read(renderBuffers());
      expect(source.finished).toBe(false);
      source.end();
      await finish();
    },
  );

  it('not with a container that was created: it is asked for again', async () => {
    state = { Status: 'created', Running: false };
    (await theAnswer(1)).end();
    const second = await theAnswer(2);
    second.write(frame(1, `${TIME} one\n`));
    expect(await lines(1)).toEqual([`${TIME} stdout F one`]);
  });
});

it('has its end told to the engine’s next answer too, when it is asked from another place', async () => {
  source.end();
  await source.seek(undefined);
  state = { Status: 'created', Running: false };
  (await theAnswer(2)).end();
  await finish();
});

describe('lines that do not fit in what is left of the buffer', () => {
  const LONG = 256 * 1024 - 26;
  const long = (sign: string) => `${TIME} ${sign.repeat(LONG)}`;

  it('come whole, and at once', async () => {
    const answer = await theAnswer(1);
    answer.write(Buffer.concat([frame(1, `${TIME} one\n`), frame(1, long('x')), frame(1, long('y'))]));
    answer.write(frame(1, `${TIME} end\n`));
    const parts = ['x', 'y'].map((sign) => `${TIME} stdout P ${sign.repeat(LONG)}`);
    expect(await lines(4)).toEqual([`${TIME} stdout F one`, ...parts, `${TIME} stdout F end`]);
  });

  it('leave more to be read, and are told again by an answer that comes before', async () => {
    const first = await theAnswer(1);
    first.write(frame(1, `${TIME} one\n`));
    expect(await lines(1)).toHaveLength(1);
    first.write(Buffer.concat([frame(1, `${TIME} ${'two'.repeat(20)}\n`), frame(1, long('x'))]));
    while (!source.more) {
      await source.read(renderBuffers());
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await source.seek(source.position);
    const second = await theAnswer(2);
    second.write(
      Buffer.concat([frame(1, `${TIME} one\n`), frame(1, `${TIME} ${'two'.repeat(20)}\n`), frame(1, long('x'))]),
    );
    expect(await lines(1)).toEqual([`${TIME} stdout P ${'x'.repeat(LONG)}`]);
  });
});

it('keeps bytes that are no UTF-8 as they are', async () => {
  const answer = await theAnswer(1);
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, TIME.length + 3]);
  answer.write(Buffer.concat([head, Buffer.from(`${TIME} `), Buffer.from([0xff, 0x0a])]));
  const buffers = renderBuffers();
  let length = 0;
  for (; length === 0; length = await source.read(buffers)) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(buffers.output.subarray(0, length)).toEqual(Buffer.from(`${TIME} stdout F \xff\n`, 'latin1'));
});
