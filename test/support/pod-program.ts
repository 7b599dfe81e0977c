import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { inspect } from './engine-under-test';

/** Programs that listen; each is the handler of a connection. */
export const PROGRAMS = {
  /** Sends back all that it gets, and ends when the client does. */
  echo: 's => s.pipe(s)',
  /** Reads to the end, then answers how much there was. */
  count: "s => { let n = 0; s.on('data', (b) => (n += b.length)).on('end', () => s.end(String(n))); }",
  /** Sends zeros as long as anyone reads them. */
  zeros:
    "s => { const part = Buffer.alloc(1 << 20); const more = () => { while (s.write(part)); }; s.on('drain', more); more(); }",
  /** Never reads. */
  stall: 's => s.pause()',
  /** Greets whoever comes, and leaves with them. */
  greet: "s => { s.write('hello'); s.resume().on('end', () => s.end()); }",
} as const;

/** A program in a pod's network namespace that has a true server's backlog and half-closes: busybox's have neither. */
export class PodProgram {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(sandboxId: string, program: keyof typeof PROGRAMS, host = '127.0.0.1'): Promise<PodProgram> {
    const { Pid: pid } = (await inspect(sandboxId)).State;
    const script = `const server = require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      (${PROGRAMS[program]})(socket);
    });
    server.listen({ port: 0, host: '${host}', backlog: 511 }, () => console.log(server.address().port));`;
    const child = spawn('nsenter', ['-t', `${pid}`, '-n', process.execPath, '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return new PodProgram(child, Number(line.toString()));
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}
