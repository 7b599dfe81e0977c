import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CannotGoOn } from './report.mjs';

/** What a shell would answer: the exit code, or 128 and the signal's number. */
function exitCode(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}

function ended(child, name) {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new CannotGoOn(`${name} could not be started: ${error.message}`)));
    child.once('close', (code, signal) => resolve(exitCode(code, signal)));
  });
}

/** Runs a command with its output on the terminal and answers its exit code. */
export function run(command, args, options = {}) {
  return ended(spawn(command, args, { stdio: 'inherit', ...options }), command);
}

/** Runs a command silently. When it fails, its whole output is the error. */
export async function runQuietly(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const code = await ended(child, command);
  if (code !== 0) {
    throw new CannotGoOn(`${[command, ...args].join(' ')} ended with ${code}:\n${Buffer.concat(output).toString()}`);
  }
}

/**
 * Runs a command in the foreground until it ends, handing on the signals that would end this process, and answers its
 * exit code. The command has a process group of its own, so that Ctrl-C reaches it once, from here.
 */
export async function runInForeground(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true, ...options });
  const handOn = (signal) => child.kill(options.killSignal ?? signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  signals.forEach((signal) => process.on(signal, handOn));
  try {
    return await ended(child, command);
  } finally {
    signals.forEach((signal) => process.off(signal, handOn));
  }
}
