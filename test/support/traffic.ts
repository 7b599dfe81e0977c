import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { inspect } from './engine-under-test';

export type Protocol = 'tcp' | 'udp';

/** The test's own network namespace: to its pods, the host. */
export const HOST = '/proc/self/ns/net';

/** How long an answer may take: one that was dropped on its way never comes. In seconds. */
const PATIENCE_S = 5;

const ANSWERERS: Readonly<Record<Protocol, string>> = {
  tcp: `require('node:net').createServer((s) => s.on('error', () => 0).end(word)).listen(port, '::', up)`,
  udp: `const s = require('node:dgram').createSocket('udp6');
        s.on('message', (_, { port, address }) => s.send(word, port, address)).bind(port, '::', up)`,
};

const QUESTIONS: Readonly<Record<Protocol, string>> = {
  tcp: `const s = require('node:net').connect(port, host).on('data', (text) => tell(text)).on('error', refused)`,
  udp: `const s = require('node:dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4');
        s.on('message', (text) => { tell(text); s.close(); }).on('error', refused).send('?', port, host)`,
};

/** A program in a network namespace that answers whoever connects, or sends a datagram, with a word, over IPv4 and IPv6. */
export class Answerer {
  private constructor(private readonly child: ChildProcess) {}

  /** Returns when it listens. */
  static async start(netns: string, protocol: Protocol, port: number, word: string): Promise<Answerer> {
    const script = `const [word, port] = ['${word}', ${port}]; const up = () => console.log('up'); ${ANSWERERS[protocol]}`;
    const command = ['-e', script];
    const child = spawn('nsenter', [`--net=${netns}`, process.execPath, ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return new Answerer(child);
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}

/** What is answered to somebody in a network namespace who asks there; in words why, when nothing is. */
export function answerTo(netns: string, protocol: Protocol, host: string, port: number): string {
  const script = `const [host, port] = ['${host}', ${port}];
    const tell = (text) => process.stdout.write(text);
    const refused = (error) => { tell(error.code); process.exit(); };
    setTimeout(() => { tell('silence'); process.exit(); }, ${PATIENCE_S * 1000}).unref();
    ${QUESTIONS[protocol]}`;
  return execFileSync('nsenter', [`--net=${netns}`, process.execPath, '-e', script], { encoding: 'utf8' });
}

/** The network namespace of a pod that runs. */
export async function netnsOf(sandboxId: string): Promise<string> {
  return `/proc/${(await inspect(sandboxId)).State.Pid}/ns/net`;
}
