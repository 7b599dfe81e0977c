import { readFileSync } from 'node:fs';
import { fromJson } from './cri-json.mjs';
import { CannotGoOn, say } from './report.mjs';
import { table } from './table.mjs';

/** How long a container may take to stop before it is killed, in seconds. */
const GRACE_SECONDS = 10n;

/** A pod's or container's configuration from its file. */
function configuration(type, file) {
  if (file === undefined) {
    throw new CannotGoOn(`The command needs a file with a ${type}, such as those in deploy/examples.`);
  }
  try {
    return fromJson(type, JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw error instanceof CannotGoOn ? error : new CannotGoOn(`${file} cannot be used: ${error.message}`);
  }
}

const shortId = (id) => id.replace(/^sha256:/, '').slice(0, 13);
const ago = (nanoseconds) => `${(BigInt(Date.now()) - nanoseconds / 1_000_000n) / 1_000n} s ago`;

/**
 * The commands, by crictl's names: each takes a `call` (of a method by its service and name, with a partial request), the
 * enums of the interface, and its arguments; what it answers is the exit code.
 */
export const COMMANDS = {
  async version({ call }) {
    const { runtimeName, runtimeVersion, runtimeApiVersion } = await call('version', {});
    say(`${runtimeName} ${runtimeVersion}, CRI ${runtimeApiVersion}`);
  },

  async info({ call }) {
    say(JSON.stringify(await call('status', { verbose: true }), null, 2));
  },

  async runp({ call }, file) {
    say((await call('runPodSandbox', { config: configuration('PodSandboxConfig', file) })).podSandboxId);
  },

  async create({ call }, podSandboxId, containerFile, podFile) {
    const config = configuration('ContainerConfig', containerFile);
    const sandboxConfig = configuration('PodSandboxConfig', podFile);
    say((await call('createContainer', { podSandboxId, config, sandboxConfig })).containerId);
  },

  async start({ call }, containerId) {
    await call('startContainer', { containerId });
    say(containerId);
  },

  async exec({ call }, ...args) {
    const [containerId, ...cmd] = args[0] === '--sync' ? args.slice(1) : args;
    const { stdout, stderr, exitCode } = await call('execSync', { containerId, cmd });
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    return exitCode;
  },

  async pods({ call, cri }) {
    const { items } = await call('listPodSandbox', {});
    const rows = items.map(({ id, createdAt, state, metadata: { name, namespace, attempt } }) => [
      ...[shortId(id), ago(createdAt), cri.PodSandboxState[state].replace('SANDBOX_', '').toLowerCase()],
      ...[name, namespace, attempt],
    ]);
    say(table(['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT'], rows));
  },

  async ps({ call, cri }, option) {
    const running = { state: { state: cri.ContainerState.CONTAINER_RUNNING } };
    const { containers } = await call('listContainers', option === '-a' ? {} : { filter: running });
    const rows = containers.map(({ id, image, createdAt, state, metadata: { name, attempt }, podSandboxId }) => [
      ...[shortId(id), image.image, ago(createdAt), cri.ContainerState[state].replace('CONTAINER_', '').toLowerCase()],
      ...[name, attempt, shortId(podSandboxId)],
    ]);
    say(table(['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID'], rows));
  },

  async stop({ call }, ...ids) {
    for (const containerId of ids) {
      await call('stopContainer', { containerId, timeout: GRACE_SECONDS });
      say(containerId);
    }
  },

  async rm({ call }, ...ids) {
    for (const containerId of ids) {
      await call('removeContainer', { containerId });
      say(containerId);
    }
  },

  async stopp({ call }, ...ids) {
    for (const podSandboxId of ids) {
      await call('stopPodSandbox', { podSandboxId });
      say(podSandboxId);
    }
  },

  async rmp({ call }, ...ids) {
    for (const podSandboxId of ids) {
      await call('removePodSandbox', { podSandboxId });
      say(podSandboxId);
    }
  },

  async pull({ call }, image) {
    say((await call('pullImage', { image: { image } })).imageRef);
  },

  async images({ call }) {
    const { images } = await call('listImages', {});
    const rows = images.flatMap(({ id, repoTags, size }) =>
      (repoTags.length > 0 ? repoTags : ['<none>']).map((tag) => [tag, shortId(id), `${size / 1_000_000n} MB`]),
    );
    say(table(['IMAGE', 'ID', 'SIZE'], rows));
  },
};
