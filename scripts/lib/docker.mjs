import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { mountCgroups } from './cgroups.mjs';
import { runQuietly } from './command.mjs';
import { CannotGoOn } from './report.mjs';

/** What a Docker Engine needs of Debian: file or command → package. */
export const ENGINE_PACKAGES = {
  dockerd: 'docker.io',
  iptables: 'iptables',
  '/etc/ssl/certs/ca-certificates.crt': 'ca-certificates',
};

/** Where Docker's own packages have the engine listen. */
export const DEFAULT_SOCKET = '/var/run/docker.sock';

/** The log of a dockerd that startMachineEngine started on a machine without systemd. */
export const MACHINE_ENGINE_LOG = '/var/log/dockershim-dockerd.log';

const ANSWER_MS = 3_000;
const START_MS = 60_000;
const MOST_LOG_LINES = 30;

/** Whether a Docker Engine answers on the unix socket. */
export function answers(socketPath) {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: '/_ping', timeout: ANSWER_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy(new Error('no answer')));
    request.once('error', () => resolve(false));
  });
}

/** The engine's unix socket: `endpoint` when it is given, or what DOCKER_HOST names, or Docker's own default. */
export function engineSocket(endpoint = process.env.DOCKER_HOST || `unix://${DEFAULT_SOCKET}`) {
  if (!endpoint.startsWith('unix:///')) {
    throw new CannotGoOn(
      `The Docker Engine is to be at ${endpoint}, but dockershim needs a unix socket: unix:///PATH.`,
    );
  }
  return endpoint.slice('unix://'.length);
}

/** The last warnings and errors in an engine's log. */
export function troubleIn(logFile) {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  const trouble = lines.filter((line) => !/level=(info|debug)/.test(line));
  return trouble.slice(-MOST_LOG_LINES).join('\n');
}

/**
 * Starts dockerd in a session of its own, so that no signal for this terminal reaches it, and waits until it answers.
 * It is not stopped when this process ends.
 */
export async function startDockerd(args, { socket, logFile, env = process.env }) {
  const log = openSync(logFile, 'a');
  const dockerd = spawn('dockerd', ['-H', `unix://${socket}`, ...args], {
    stdio: ['ignore', log, log],
    detached: true,
    env,
  });
  const gone = new Promise((resolve) => {
    dockerd.once('error', (error) => resolve(error.message));
    dockerd.once('exit', (code, signal) => resolve(`it ended with ${code ?? signal}`));
  });
  const failure = await Promise.race([gone, untilItAnswers(socket)]);
  if (failure !== undefined) {
    throw new CannotGoOn(
      `dockerd did not start: ${failure}. What its log, ${logFile}, complains of:\n${troubleIn(logFile)}`,
    );
  }
  dockerd.unref();
}

async function untilItAnswers(socket) {
  const deadline = performance.now() + START_MS;
  while (!(await answers(socket))) {
    if (performance.now() > deadline) {
      return `no answer on ${socket} within ${START_MS / 1000} s`;
    }
    await sleep(100);
  }
  return undefined;
}

/** Starts the machine's own engine: through systemd where it is the init, else as a process that outlives this one. */
export async function startMachineEngine() {
  if (existsSync('/run/systemd/system')) {
    await runQuietly('systemctl', ['start', 'docker']);
    const failure = await untilItAnswers(DEFAULT_SOCKET);
    if (failure !== undefined) {
      throw new CannotGoOn(`docker.service was started, but there is ${failure}. See journalctl -u docker.`);
    }
  } else {
    await mountCgroups();
    await startDockerd([], { socket: DEFAULT_SOCKET, logFile: MACHINE_ENGINE_LOG });
  }
}
