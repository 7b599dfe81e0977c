import { type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { ImageServiceService, RuntimeServiceService, type VersionResponse } from '../../../generated/runtime/v1/api';
import type { CriVersion } from '../../../src/cri/call';
import { inVersion } from '../../../src/cri/services';
import type { ImageVerbs, RuntimeVerbs } from '../../../src/cri/verbs';
import { version } from '../../../src/runtime/version';
import type { CriClient } from '../../support/cri-client';
import { CriServerUnderTest } from '../../support/cri-server-under-test';
import { refusal } from '../../support/grpc-refusal';
import { readContractJson } from '../proto/contract-json';

const SERVICES = { RuntimeService: RuntimeServiceService, ImageService: ImageServiceService };

interface Method {
  readonly path: string;
  readonly key: string;
  readonly definition: MethodDefinition<object, object>;
}

/** Every method that the contract of v1 has, under the path of `api`. */
function methodsOf(api: CriVersion): Method[] {
  return Object.entries(SERVICES).flatMap(([service, definitions]) =>
    Object.entries(definitions as ServiceDefinition).map(([key, definition]) => {
      const path = `/runtime.${api}.${service}/${definition.path.split('/').at(-1)}`;
      return { path, key, definition: { ...definition, path } };
    }),
  );
}

/** The paths of a contract. */
function contractOf(api: CriVersion): string[] {
  return Object.entries(readContractJson(api).services).flatMap(([service, { methods }]) =>
    Object.keys(methods).map((method) => `/runtime.${api}.${service}/${method}`),
  );
}

const facts = {
  version: '28.0.0',
  apiVersion: '1.48',
  rootDirectory: '/var/lib/docker',
  layerRoots: ['/var/lib/docker'],
  imagesInContainerd: false,
  cgroupDriver: 'systemd',
  loggingDriver: 'json-file',
  runtimes: { names: ['runc'], default: 'runc', recursiveReadOnly: ['runc'] },
  readOnlyReach: true,
  imageMounts: true,
  cdi: true,
  swapLimit: true,
  selinux: false,
  remapsUsers: false,
  appArmor: false,
  seccomp: true,
  cgroupV2: false,
};

let cri: CriServerUnderTest | undefined;

/** With verbs for every method that has one answer, so that what isn't served shows; each fails in words of its own. */
async function start(keys: readonly string[]): Promise<CriClient> {
  const said = (key: string) => () => Promise.reject(new Error(`this is ${key}`));
  const verbs = Object.fromEntries(keys.map((key) => [key, said(key)]));
  return await startWith({ runtime: verbs, image: verbs });
}

async function startWith(verbs: { runtime?: Partial<RuntimeVerbs>; image?: Partial<ImageVerbs> }): Promise<CriClient> {
  cri = new CriServerUnderTest(verbs);
  await cri.start();
  return cri.client;
}

afterEach(async () => {
  await cri?.remove();
  cri = undefined;
});

describe.each(['v1', 'v1alpha2'] as const)('%s', (api) => {
  const served = new Set(contractOf(api));
  const unary = methodsOf(api).filter(({ definition }) => !definition.responseStream);
  const streaming = methodsOf(api).filter(({ definition }) => definition.responseStream);

  test('is exactly its contract', () => {
    const paths = Object.values(SERVICES).flatMap((service) =>
      Object.values(inVersion(service as ServiceDefinition, api)).map(({ path }) => path),
    );
    expect(paths.sort()).toEqual([...served].sort());
  });

  test('on the wire, each method goes to its verb, and what the contract lacks to none', async () => {
    const client = await start(unary.map(({ key }) => key));
    for (const { path, key, definition } of unary) {
      const expected = served.has(path)
        ? refusal('INTERNAL', new RegExp(`^this is ${key}$`))
        : refusal('UNIMPLEMENTED', /does not implement the method/);
      await expect(client.call(definition, definition.requestDeserialize(Buffer.alloc(0)))).rejects.toMatchObject(
        expected,
      );
    }
  });

  test('on the wire, what is not built is Unimplemented, with its name', async () => {
    const client = await start([]);
    for (const { path, definition } of [...unary, ...streaming]) {
      const method = path.split('/').at(-1);
      await expect(client.call(definition, definition.requestDeserialize(Buffer.alloc(0)))).rejects.toMatchObject(
        refusal('UNIMPLEMENTED', new RegExp(`does not implement the method .*${method}$`, 'i')),
      );
    }
  });

  test('names itself in its answer', async () => {
    const client = await startWith({ runtime: { version: version({ facts: () => Promise.resolve(facts) }) } });
    const method = methodsOf(api).find(({ key }) => key === 'version')?.definition;
    const answer = method && ((await client.call(method, { version: '' })) as VersionResponse);
    expect(answer).toEqual({
      version: '0.1.0',
      runtimeName: 'docker',
      runtimeVersion: '28.0.0',
      runtimeApiVersion: '1.48.0',
    });
  });
});

test('a method of no contract is Unimplemented', async () => {
  const client = await start([]);
  const method = { ...RuntimeServiceService.version, path: '/runtime.v2.RuntimeService/Version' };
  await expect(client.call(method, { version: '' })).rejects.toMatchObject(refusal('UNIMPLEMENTED'));
});
