/**
 * Modules that the daemon's packages require but that the daemon never calls. In the bundle each is a stub that throws
 * when it is called: less to load, and a third less memory at start.
 */
const LEFT_OUT = {
  'docker-modem': 'src/docker/modem.ts takes its place',
  ssh2: 'docker-modem reaches engines over ssh with it',
  './session': "dockerode's BuildKit sessions",
  '@grpc/proto-loader': 'grpc-js loads channelz and ORCA definitions with it; BuildKit sessions too',
  protobufjs: 'BuildKit sessions',
  'tar-fs': 'dockerode packs build contexts with it',
  '@balena/dockerignore': 'dockerode filters build contexts with it',
};

/** The esbuild plugin that puts the stubs in. */
export const leaveOut = {
  name: 'leave-out',
  setup(build) {
    build.onResolve({ filter: /./ }, ({ path, resolveDir }) => {
      const relative = path.startsWith('.');
      const leftOut = Object.hasOwn(LEFT_OUT, path) && (!relative || resolveDir.endsWith('/dockerode/lib'));
      return leftOut ? { path, namespace: 'left-out' } : undefined;
    });
    build.onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({
      contents: `module.exports = () => { throw new Error(${JSON.stringify(`${path} is left out of dockershim's bundle: ${LEFT_OUT[path]}`)}); };`,
    }));
  },
};
