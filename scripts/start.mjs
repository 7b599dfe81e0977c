/** npm start: installs and builds what is missing, finds or starts a Docker Engine, and serves CRI in the foreground. */
import { parseArgs } from 'node:util';
import { runInForeground } from './lib/command.mjs';
import { installMissing, needRoot } from './lib/debian.mjs';
import {
  DEFAULT_SOCKET,
  ENGINE_PACKAGES,
  MACHINE_ENGINE_LOG,
  answers,
  engineSocket,
  startMachineEngine,
} from './lib/docker.mjs';
import { BUNDLE, NODE_ENVIRONMENT, NODE_FLAGS, build, checkNode, install } from './lib/project.mjs';
import { CannotGoOn, phase, runMain, say } from './lib/report.mjs';

/** The value that `args`, those of `serve`, have for an option. */
function optionIn(args, name) {
  return parseArgs({ args, options: { [name]: { type: 'string' } }, strict: false }).values[name];
}

/**
 * A machine that is only to show a first pod has no CNI plugins: unless `args` choose, its pods are on Docker's bridge.
 * Answers the arguments that say so.
 */
function chooseNetwork(args) {
  if (optionIn(args, 'network-plugin') !== undefined) {
    return [];
  }
  say(
    "Pods get their network from Docker's own bridge. For CNI, the daemon's default: npm start -- --network-plugin=cni",
  );
  return ['--network-plugin=bridge'];
}

/** Answers the socket of an engine that runs. `args` are those of `serve`, and may name it. */
async function findOrStartEngine(args) {
  const socket = engineSocket(optionIn(args, 'docker-endpoint'));
  if (await answers(socket)) {
    say(`A Docker Engine answers on ${socket}.`);
    return socket;
  }
  if (socket !== DEFAULT_SOCKET) {
    throw new CannotGoOn(
      `No Docker Engine answers on ${socket}. Start it there, or let npm start provide one on ${DEFAULT_SOCKET}.`,
    );
  }
  say(`No Docker Engine answers on ${socket}: Debian's docker.io is installed if it is missing, and started.`);
  await installMissing(ENGINE_PACKAGES);
  await phase('start the Docker Engine', startMachineEngine);
  say(
    `It keeps running when dockershim stops. Its log: journalctl -u docker, or ${MACHINE_ENGINE_LOG} without systemd.`,
  );
  return socket;
}

await runMain(async (args) => {
  checkNode();
  needRoot('serve CRI');
  await install();
  await build();
  const socket = await findOrStartEngine(args);
  const daemon = [BUNDLE, 'serve', '--docker-endpoint', `unix://${socket}`, ...chooseNetwork(args), ...args];
  return runInForeground(process.execPath, [...NODE_FLAGS, ...daemon], {
    env: { ...NODE_ENVIRONMENT, ...process.env },
  });
});
