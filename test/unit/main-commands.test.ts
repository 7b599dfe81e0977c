import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { COMMANDS } from '../../src/cli/commands';
import { bundleShim } from '../support/shim-process';

/** The program as it is typed: its commands, and the configuration of the daemon, which needs no engine to serve. */
// Each run is a process of Node's, which takes its time where others run too.
jest.setTimeout(30_000);

let directory: string;
let bundle: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'main-commands-'));
  bundle = join(directory, 'dockershim.js');
  bundleShim(bundle);
});

afterAll(() => rmSync(directory, { recursive: true }));

function run(...args: string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bundle, ...args], (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

test.each([['--version'], ['version'], ['--buildinfo']])('%s prints the version', async (arg) => {
  const { status, stdout } = await run(arg);
  expect(status).toBe(0);
  expect(stdout.split('\n')[0]).toBe(`dockershim ${version}`);
  expect(stdout).toMatch(/^built from: +sources$/m);
  expect(stdout).toContain(`${process.version}, ${process.platform}/${process.arch}`);
});

test('every way to ask for help gives it', async () => {
  const usage = await run();
  expect(usage).toEqual({ status: 0, stdout: expect.stringContaining('dockershim COMMAND'), stderr: '' });
  for (const arg of ['--help', '-h', 'help']) expect(await run(arg)).toEqual(usage);
});

test.each(COMMANDS.map(({ name }) => name))('%s has help', async (name) => {
  const [one, other] = await Promise.all([run(name, '--help'), run('help', name)]);
  expect(one).toEqual({ status: 0, stdout: expect.stringContaining(`dockershim ${name}`), stderr: '' });
  expect(other).toEqual(one);
});

test.each([
  [['fly'], 2, /^dockershim: there is no command "fly"\n\ndockershim runs/],
  [['help', 'fly'], 2, /^dockershim: there is no command "fly"/],
  [['--nonsense'], 2, /^dockershim: there is no option --nonsense \(dockershim serve --help lists the options\)\n$/],
  [['serve', 'fly'], 2, /^dockershim: "fly" is no option/],
  [['pods', '--nonsense'], 2, /dockershim pods --help/],
  [['pods', '--container-runtime-endpoint=unix:///nowhere'], 1, /^dockershim: no shim answers on \/nowhere/],
  [['migrate', 'plan', '--docker-endpoint=unix:///nowhere'], 1, /^dockershim: .*\/nowhere/],
  [
    ['migrate', 'check', '--container-runtime-endpoint=unix:///nowhere'],
    1,
    /^dockershim: no shim answers on \/nowhere/,
  ],
  [['completion', 'csh'], 2, /^dockershim: completion is for bash, zsh, fish/],
  [['serve', '--print-config', '--container-runtime-endpoint=tcp://0.0.0.0:1'], 2, /endpoint must be unix:\/\/\/PATH/],
  [['doctor', '--container-runtime-endpoint=tcp://0.0.0.0:1'], 2, /endpoint must be unix:\/\/\/PATH/],
  [['serve', '--config=/nowhere'], 2, /^dockershim: the configuration file can't be read: .*\/nowhere/],
])('%j fails with a sentence', async (args, status, sentence) => {
  expect(await run(...args)).toEqual({ status, stdout: '', stderr: expect.stringMatching(sentence) });
});

test('doctor looks at the socket that is named, as a path too', async () => {
  const socket = join(directory, 'named.sock');
  const { stdout } = await run('doctor', '--json', `--container-runtime-endpoint=${socket}`);
  expect(stdout).toContain(`${socket}: nobody serves yet`);
});

test('doctor looks at the usual socket where systemd passes the sockets on', async () => {
  const { stdout } = await run('doctor', '--json', '--container-runtime-endpoint=fd://');
  expect(stdout).toMatch(/"\/run\/dockershim\.sock: /);
});

test('a reader of the output that has had enough ends it quietly, a full disk does not', async () => {
  const pods = `'${process.execPath}' '${bundle}' pods --watch --container-runtime-endpoint=/nowhere`;
  const shell = (script: string) =>
    new Promise<string>((resolve) => {
      execFile('bash', ['-c', script], (_error, stdout, stderr) => resolve(stdout + stderr));
    });
  expect(await shell(`${pods} | head -n1; echo \${PIPESTATUS[0]}`)).toMatch(/^no shim answers on \/nowhere .*\n0\n$/);
  expect(await shell(`${pods} >/dev/full; echo $?`)).toMatch(/^1\ndockershim: cannot write its output: ENOSPC.*\n$/);
});

test('one signal ends what waits for an answer and does not watch', async () => {
  const socket = join(directory, 'silent.sock');
  const silent = createServer();
  silent.listen(socket);
  const child = spawn(process.execPath, [bundle, 'pods', `--container-runtime-endpoint=${socket}`], {
    stdio: 'ignore',
  });
  try {
    const exited = once(child, 'exit');
    const [connection] = (await once(silent, 'connection')) as [Socket];
    child.kill('SIGINT');
    expect(await exited).toEqual([null, 'SIGINT']);
    connection.destroy();
  } finally {
    child.kill('SIGKILL');
    silent.close();
  }
});

test('--print-config says what is in effect, and why', async () => {
  const file = join(directory, 'printed.yaml');
  writeFileSync(file, 'log-level: debug\nlog-format: json\n');
  const { status, stdout } = await run('serve', '--print-config', '--config', file, '--log-level=warn');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^log-level: warn +# --log-level$/m);
  expect(stdout).toContain(`# ${file}:2\n`);
});

describe('the daemon', () => {
  let child: ChildProcess;
  let said: string;
  let file: string;

  beforeEach(() => {
    file = join(directory, 'config.yaml');
  });

  afterEach(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });

  async function start(...args: string[]): Promise<void> {
    child = spawn(process.execPath, [bundle, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until('serving CRI');
  }

  async function until(words: string): Promise<void> {
    while (!said.includes(words)) {
      if (child.exitCode !== null) throw new Error(`it ended: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  function write(...lines: string[]): void {
    const own = [
      `container-runtime-endpoint: unix://${directory}/cri.sock`,
      `docker-endpoint: unix://${directory}/docker.sock`,
      `root-directory: ${directory}/root`,
      `cri-dockerd-root-directory: ${directory}/cri-dockerd`,
      `cni-cache-dir: ${directory}/cni-cache`,
      'network-plugin: bridge',
    ];
    writeFileSync(file, [...own, ...lines].join('\n'));
  }

  test('is configured by the file, and says which', async () => {
    write('log-format: json');
    await start('serve', `--config=${file}`);
    const serving = said.split('\n').find((line) => line.includes('serving CRI'));
    expect(JSON.parse(serving ?? '')).toMatchObject({ message: 'serving CRI', configuration: file });
  });

  test('answers dockershim pods, and says when the engine is away', async () => {
    write();
    await start('serve', `--config=${file}`);
    expect(await run('pods', `--config=${file}`)).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^dockershim: no Docker Engine listens on .*docker\.sock/),
    });
  });

  test('reads it anew on SIGHUP', async () => {
    write('log-level: warn');
    await start('serve', `--config=${file}`, '--log-level=info');
    write('log-format: json', 'cni-conf-dir: /elsewhere');
    child.kill('SIGHUP');
    await until('"to":"/elsewhere"');
    expect(said).toMatch(/"option":"log-format","from":"text","to":"json"/);
    expect(said).toMatch(/"level":"warn","message":"an option waits for a restart.*"option":"cni-conf-dir"/);
    write('log-lovel: debug');
    child.kill('SIGHUP');
    await until('log-lovel');
    expect(said).toMatch(/"level":"error","message":"the configuration is not read anew.*config.yaml:7: there is no/);
    expect(child.exitCode).toBe(null);
  });

  test("starts from cri-dockerd's command line, with the program's name changed", async () => {
    write();
    const flags = ['--network-plugin=', '--pod-cidr', '10.1.0.0/24', '--ipv6-dual-stack', '--hairpin-mode=none'];
    const root = `--cri-dockerd-root-directory=${directory}/root`;
    await start('--container-runtime-endpoint', `unix://${directory}/cri.sock`, ...flags, root, `--config=${file}`);
    expect(said).toMatch(/warn +--ipv6-dual-stack changes nothing: every address/);
  });
});
