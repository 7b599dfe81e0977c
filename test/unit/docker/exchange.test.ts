import { getEventListeners } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { EngineConnection } from '../../../src/docker/connection';
import type { EngineRequest } from '../../../src/docker/request';
import { messageOf } from '../../../src/lib/errors';
import { aCall, type Call } from '../../support/a-call';
import {
  FakeEngine,
  bytesThenHangUp,
  bytesThenSilence,
  hangUp,
  json,
  silence,
  text,
  type Answer,
} from '../../support/fake-engine';
import { refusalOf } from '../../support/refusal';
import { until } from '../../support/until';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';

let engine: FakeEngine;
let connection: EngineConnection;
let call: Call;

beforeEach(async () => {
  engine = new FakeEngine();
  await engine.start();
  connection = new EngineConnection(engine.socketPath);
  call = aCall();
});

afterEach(async () => {
  connection.close();
  await engine.remove();
});

function get(path = '/info'): EngineRequest {
  return { method: 'GET', path, signal: call.ctx.signal };
}

function post(path = '/containers/x/start'): EngineRequest {
  return { method: 'POST', path, signal: call.ctx.signal };
}

describe('a broken connection is Unavailable, with a sentence:', () => {
  test.each<[string, Answer, RegExp]>([
    ['no head', hangUp, /lost before its answer was complete \(socket hang up\)/],
    ['half a head', bytesThenHangUp('HTTP/1.1 200 OK\r\nContent-Le'), /lost before its answer was complete/],
    ['half a body', bytesThenHangUp(`${HEAD}Content-Length: 20\r\n\r\n{"half":`), /lost before its .* \(aborted\)/],
    ['half a chunk', bytesThenHangUp(`${HEAD}Transfer-Encoding: chunked\r\n\r\nff\r\n{"half":`), /lost before/],
    ['no last chunk', bytesThenHangUp(`${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`), /lost before/],
    ['half a refusal', bytesThenHangUp('HTTP/1.1 404 Not Found\r\nContent-Length: 90\r\n\r\n{"mess'), /lost before/],
    ['no HTTP', bytesThenHangUp('SSH-2.0-OpenSSH_9.2p1\r\n'), /does not speak HTTP as a Docker Engine does/],
  ])('%s', async (_what, answer, sentence) => {
    engine.on('POST /containers/x/start', answer);
    const said = await refusalOf(connection.json(post()));
    expect(said).toMatch(sentence);
    expect(said).toMatch(/^Unavailable: /);
    expect(said).toContain(engine.socketPath);
  });

  test('an engine that resets the connection while it is sent something', async () => {
    engine.on('POST /images/load', hangUp);
    const body = Buffer.alloc(8 << 20);
    const headers = { 'x-test-unread': 'yes' };
    const said = await refusalOf(connection.json({ ...post('/images/load'), headers, body }));
    expect(said).toMatch(
      /^Unavailable: .*lost before its answer was complete \((write EPIPE|.*ECONNRESET|socket hang up)\)/,
    );
  });

  test('no socket', async () => {
    await engine.stop();
    expect(await refusalOf(connection.json(get()))).toMatch(/^Unavailable: no Docker Engine listens on .*: start it/);
  });

  test('nobody behind the socket', async () => {
    const path = join(engine.directory, 'file');
    writeFileSync(path, '');
    const said = await refusalOf(new EngineConnection(path).json(get()));
    expect(said).toMatch(/^Unavailable: the Docker Engine on .* is not running: start it/);
  });

  test('a path that can be no socket', async () => {
    const path = join(engine.directory, 'docker.sock', 'below');
    expect(await refusalOf(new EngineConnection(path).json(get()))).toMatch(
      /^Unavailable: cannot connect to .* ENOTDIR/,
    );
  });
});

describe('what is no answer of Docker’s:', () => {
  test('garbage instead of JSON', async () => {
    engine.on('GET /info', text('{"half":'));
    expect(await refusalOf(connection.json(get()))).toBe(
      'Internal: docker answered GET /info with something that is not JSON',
    );
  });

  test('a length that is too short leaves the next request alone', async () => {
    engine.on('GET /info', bytesThenSilence(`${HEAD}Content-Length: 2\r\n\r\n{}{}`));
    engine.on('GET /images/json', json([]));
    expect(await connection.json(get())).toEqual({});
    expect(await connection.json(get('/images/json'))).toEqual([]);
    expect(engine.count('GET /info')).toBe(1);
  });

  test('a length that is too long waits no longer than the call', async () => {
    engine.on('GET /info', bytesThenSilence(`${HEAD}Content-Length: 3\r\n\r\n{}`));
    const answer = refusalOf(connection.json(get()));
    await seen('GET /info');
    call.cancel();
    expect(await answer).toBe('Cancelled: the client has gone');
  });

  test('a page of a proxy’s is quoted in one short line', async () => {
    engine.on('GET /info', text(`<html>\n  <h1>Bad   gateway</h1>${'x'.repeat(5000)}</html>`, 502));
    const said = await refusalOf(connection.json(get()));
    expect(said).toMatch(/^Internal: docker: HTTP status 502 <html> <h1>Bad gateway<\/h1>x+$/);
    expect(said.length).toBeLessThan(400);
  });

  test.each([
    ['nothing', '', 'docker: HTTP status 503'],
    ['JSON without a message', '{"error":"busy"}', 'docker: HTTP status 503 {"error":"busy"}'],
    ['a message that is no text', '{"message":{"a":1}}', 'docker: HTTP status 503 {"message":{"a":1}}'],
    ['Docker’s own', '{"message":"the daemon is shutting down"}', 'docker: the daemon is shutting down'],
  ])('a refusal that says %s', async (_what, body, sentence) => {
    engine.on('GET /info', text(body, 503));
    expect(await refusalOf(connection.json(get()))).toBe(`Unavailable: ${sentence}`);
  });

  test('an endless refusal is read for a while only', async () => {
    engine.on('GET /info', (_request, reply) => pourOut(reply.writeHead(500), 'n'.repeat(65_536)));
    expect(await refusalOf(connection.json(get()))).toMatch(/^Internal: docker: HTTP status 500 n+$/);
  });

  test('an endless answer is given up, and its connection closed', async () => {
    engine.on('GET /info', (_request, reply) => pourOut(reply.writeHead(200), ' '.repeat(1 << 20)));
    expect(await refusalOf(connection.json(get()))).toMatch(
      /^Internal: docker's answer is longer than 134217728 bytes/,
    );
    await until(() => engine.openConnections === 0);
  });
});

describe('the end of the call is the end of the request', () => {
  test.each<[string, Answer]>([
    ['before an answer', silence],
    ['in the head', bytesThenSilence('HTTP/1.1 200 OK\r\nContent-Le')],
    ['in the body', bytesThenSilence(`${HEAD}Content-Length: 20\r\n\r\n{"half":`)],
    ['in a refusal', bytesThenSilence('HTTP/1.1 500 Oh\r\nContent-Length: 20\r\n\r\n{"half":')],
  ])('%s', async (_what, answer) => {
    engine.on('GET /info', answer);
    const work = connection.json(get()).catch((error: unknown) => error);
    await seen('GET /info');
    call.cancel();
    expect(await work).toBe(call.reason);
    // Docker ends its own work when it sees the connection closed.
    await until(() => engine.openConnections === 0);
  });

  test('also when it has ended already', async () => {
    call.cancel();
    expect(await connection.json(get()).catch((error: unknown) => error)).toBe(call.reason);
    expect(engine.count('GET /info')).toBe(0);
  });

  test('a finished request leaves nothing on the signal', async () => {
    engine.on('GET /info', json({}));
    await connection.json(get());
    expect(getEventListeners(call.ctx.signal, 'abort')).toHaveLength(0);
  });
});

describe('a kept connection that the engine closes as it is taken up again', () => {
  /** The engine takes the next request on a kept connection, and goes; what comes on a new one is answered. */
  function closeKeptOnes(name: string): void {
    const known = new WeakSet<object>();
    engine.on(name, (request, reply) => {
      if (known.has(request.socket)) return hangUp(request, reply);
      known.add(request.socket);
      json({})(request, reply);
    });
  }

  test('a GET is sent once more', async () => {
    closeKeptOnes('GET /info');
    expect(await connection.json(get())).toEqual({});
    expect(await connection.json(get())).toEqual({});
    expect(engine.count('GET /info')).toBe(3);
  });

  test('on a new connection, for others that are kept may be closed as well', async () => {
    closeKeptOnes('GET /info');
    await Promise.all([get(), get(), get()].map((request) => connection.json(request)));
    const before = engine.count('GET /info');
    expect(await connection.json(get())).toEqual({});
    expect(engine.count('GET /info')).toBe(before + 2);
  });

  test('but not twice', async () => {
    engine.on('GET /info', json({}));
    await connection.json(get());
    engine.on('GET /info', hangUp);
    expect(await refusalOf(connection.json(get()))).toMatch(/^Unavailable: .*socket hang up/);
    expect(engine.count('GET /info')).toBe(3);
  });

  test.each(['POST', 'DELETE'])('a %s is not: the engine may have carried it out', async (method) => {
    closeKeptOnes(`${method} /containers/x`);
    const request = { ...get('/containers/x'), method };
    expect(await connection.json(request)).toEqual({});
    expect(await refusalOf(connection.json(request))).toMatch(/^Unavailable: /);
    expect(engine.count(`${method} /containers/x`)).toBe(2);
  });

  test('an answer that breaks off is not asked for again', async () => {
    engine.on('GET /info', json({}));
    await connection.json(get());
    engine.on('GET /info', bytesThenHangUp(`${HEAD}Content-Length: 20\r\n\r\n{"half":`));
    expect(await refusalOf(connection.json(get()))).toMatch(/^Unavailable: /);
    expect(engine.count('GET /info')).toBe(2);
  });
});

describe('a body as it comes', () => {
  test('comes as it is sent', async () => {
    engine.on('GET /events', (_request, reply) => void reply.writeHead(200).write('one'));
    const body = await connection.stream(get('/events'));
    const first = await new Promise((resolve) => body.once('data', resolve));
    expect(String(first)).toBe('one');
    body.destroy();
  });

  test('breaks with a sentence when the engine hangs up', async () => {
    engine.on('GET /events', bytesThenHangUp(`${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`));
    const body = await connection.stream(get('/events'));
    expect(await refusalOf(textOf(body))).toMatch(/^Unavailable: .*lost before its answer was complete/);
  });

  test('breaks with the call’s reason', async () => {
    engine.on('GET /events', bytesThenSilence(`${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`));
    const body = await connection.stream(get('/events'));
    const reading = textOf(body).catch((error: unknown) => error);
    call.cancel();
    expect(await reading).toBe(call.reason);
    await until(() => engine.openConnections === 0);
  });

  test('that nobody wants closes its connection, also when the engine is silent', async () => {
    engine.on('GET /events', bytesThenSilence(`${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`));
    const body = await connection.stream(get('/events'));
    body.destroy();
    await until(() => engine.openConnections === 0);
  });

  test('is not begun when it is refused', async () => {
    engine.on('GET /events', json({ message: 'no such filter' }, 400));
    expect(await refusalOf(connection.stream(get('/events')))).toBe('InvalidArgument: docker: no such filter');
  });
});

describe('a connection that is handed over', () => {
  const UPGRADED = 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';
  const EXEC = 'POST /exec/e/start';
  const start = (): Promise<Duplex> => connection.hijack({ ...post('/exec/e/start'), body: '{}' });

  test('has what came with the switch, and goes both ways', async () => {
    engine.on(EXEC, ({ socket }) => {
      socket.write(`${UPGRADED}hello `);
      socket.once('data', (said) => socket.end(said));
    });
    const stream = await start();
    stream.write('world');
    expect(await textOf(stream)).toBe('hello world');
  });

  test('asks for the switch in the way that Docker knows', async () => {
    engine.on(EXEC, bytesThenHangUp(UPGRADED));
    (await start()).destroy();
    expect(engine.seen.at(-1)?.headers).toMatchObject({ connection: 'Upgrade', upgrade: 'tcp', 'content-length': '2' });
  });

  test.each([
    [404, 'NotFound: docker: No such exec instance'],
    [409, 'FailedPrecondition: docker: No such exec instance'],
    [500, 'Internal: docker: No such exec instance'],
  ])('a refusal with %i', async (status, sentence) => {
    engine.on(EXEC, bytesThenHangUp(refused(status, '{"message":"No such exec instance"}')));
    expect(await refusalOf(start())).toBe(sentence);
  });

  test.each<[string, Answer, RegExp]>([
    ['a hang-up', hangUp, /^Unavailable: .*socket hang up/],
    ['half a head', bytesThenHangUp('HTTP/1.1 101 UPGR'), /^Unavailable: .*lost before/],
    ['half a refusal', bytesThenHangUp(refused(404, '{"mess').replace('6', '90')), /^Unavailable: .*lost before/],
    [
      'an answer without a switch',
      bytesThenSilence('HTTP/1.1 200 OK\r\n\r\noutput'),
      /^Internal: .*without handing over/,
    ],
  ])('%s', async (_what, answer, sentence) => {
    engine.on(EXEC, answer);
    expect(await refusalOf(start())).toMatch(sentence);
    await until(() => engine.openConnections === 1);
  });

  test('the end of the call ends the handshake', async () => {
    engine.on(EXEC, silence);
    const work = start().catch((error: unknown) => error);
    await seen(EXEC);
    call.cancel();
    expect(await work).toBe(call.reason);
    await until(() => engine.openConnections === 1);
  });

  test('an engine that leaves without reading is heard out', async () => {
    const output = 'o'.repeat(64 * 1024);
    engine.on(EXEC, ({ socket }) => socket.pause().write(UPGRADED + output, () => socket.destroy()));
    const stream = await start();
    await until(() => engine.openConnections === 1);
    await new Promise((resolve) => stream.write('input', resolve));
    expect(await textOf(stream)).toBe(output);
  });

  test('after it the connection is the caller’s alone', async () => {
    engine.on(EXEC, ({ socket }) => {
      socket.write(UPGRADED);
      socket.once('data', (said) => socket.end(said));
    });
    const stream = await start();
    expect(getEventListeners(call.ctx.signal, 'abort')).toHaveLength(0);
    call.cancel();
    stream.write('still here');
    expect(await textOf(stream)).toBe('still here');
  });

  test('and closes when the caller destroys it', async () => {
    engine.on(EXEC, bytesThenSilence(UPGRADED));
    const stream = await start();
    stream.destroy();
    await until(() => engine.openConnections === 1);
  });
});

test('no sentence tells what the headers had', async () => {
  engine.on('POST /images/create', json({ message: 'registry says no' }, 500));
  const secret = Buffer.from('{"password":"hunter2"}').toString('base64');
  const request = { ...post('/images/create'), headers: { 'x-registry-auth': secret } };
  const error: unknown = await connection.json(request).catch((reason: unknown) => reason);
  expect(engine.seen.at(-1)?.headers['x-registry-auth']).toBe(secret);
  expect(messageOf(error) + JSON.stringify(error)).not.toContain(secret);
  engine.on('POST /images/create', hangUp);
  const lost: unknown = await connection.json(request).catch((reason: unknown) => reason);
  expect(messageOf(lost) + JSON.stringify(lost)).not.toContain(secret);
});

function refused(status: number, body: string): string {
  return `HTTP/1.1 ${status} No\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** Sends `chunk` again and again until the connection is closed. */
function pourOut(reply: NodeJS.WritableStream & { destroyed?: boolean }, chunk: string): void {
  const pour = (): void => {
    if (!reply.destroyed) reply.write(chunk, pour);
  };
  pour();
}

async function seen(name: string): Promise<void> {
  await until(() => engine.count(name) > 0);
  // The bytes that the answer writes at once are on their way, too.
  await new Promise((resolve) => setTimeout(resolve, 20));
}
