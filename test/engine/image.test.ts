import { spawnSync } from 'node:child_process';
import { AuthConfig, ImageSpec } from '../../generated/runtime/v1/api';
import { compareApiVersions } from '../../src/docker/api-version';
import { EngineConnection } from '../../src/docker/connection';
import { DockerodeEngine } from '../../src/docker/dockerode-engine';
import type { ContainerCreate } from '../../src/docker/types';
import { engineFacts } from '../../src/docker/engine-facts';
import { listImages } from '../../src/image/list';
import { pullImage } from '../../src/image/pull';
import { removeImage } from '../../src/image/remove';
import { imageStatus } from '../../src/image/status';
import { ImageIndex } from '../../src/index/image-index';
import type { CallContext } from '../../src/lib/call-context';
import { ShimError } from '../../src/lib/errors';
import { parseReference, type ImageReference } from '../../src/translate/image-reference';
import { createLog } from '../../src/telemetry/log';
import { TestRegistry, type HeldBlob, type RegistryDoor } from '../support/registry';
import { registryImage, type RegistryImage } from '../support/registry-image';

const SOCKET = process.env['DOCKERSHIM_TEST_ENGINE'] ?? '/var/run/docker.sock';
const ACCOUNT = { username: 'jo', password: 'pass:word?>' };
const TOKEN_DOOR: RegistryDoor = { kind: 'token', ...ACCOUNT, refreshToken: 'refresh', token: 'letmein' };
/** More than the registry sends of a held blob. */
const LARGE = 256 * 1024;

jest.setTimeout(60_000);

const connection = new EngineConnection(SOCKET);
const engine = new DockerodeEngine(connection);
/** All that the verbs and the engine's client write. */
const written: string[] = [];
const log = createLog({ level: 'debug', format: 'text', write: (line) => void written.push(line) });
const ctx: CallContext = { signal: new AbortController().signal, log };
const registries: TestRegistry[] = [];
const ids = new Set<string>();
let pins: ImageReference[] = [];
let open: TestRegistry;
let repositories = 0;

/** Nobody tells it of events, so that it asks Docker each time. */
const images = new ImageIndex(engine, ctx.log);
const facts = engineFacts(engine).get;
const verbs = { engine, images, facts, pullProgressDeadlineMs: 60_000, pinned: () => pins };
const list = listImages(verbs);
const status = imageStatus(verbs);
const remove = removeImage(verbs);
const sharedPull = pullImage(verbs);

async function startRegistry(door?: RegistryDoor): Promise<TestRegistry> {
  const registry = await TestRegistry.start(door);
  registries.push(registry);
  return registry;
}

function nextRepository(): string {
  repositories += 1;
  return `dockershim-test-${process.pid}/image-${repositories}`;
}

/** Pushes an image under a repository of its own; the answer is its name without a tag. */
function push(
  image: RegistryImage,
  options: { registry?: TestRegistry; tag?: string; repository?: string } = {},
): string {
  const { registry = open, tag = 'v1', repository = nextRepository() } = options;
  registry.push(repository, tag, image);
  return `${registry.host}/${repository}`;
}

/** Docker notices at the next byte that nobody wants the blob any more. */
async function hungUp(blob: HeldBlob): Promise<void> {
  blob.drops.open();
  await blob.closed.opened;
}

const spec = (image: string): ImageSpec => ImageSpec.fromPartial({ image });

async function pull(image: string, auth?: Partial<AuthConfig>, verb = sharedPull, call = ctx): Promise<string> {
  const request = { image: spec(image), auth: auth && AuthConfig.fromPartial(auth), sandboxConfig: undefined };
  const { imageRef } = await verb(request, call);
  ids.add(imageRef);
  return imageRef;
}

async function statusOf(image: string) {
  return (await status({ image: spec(image), verbose: false }, ctx)).image;
}

beforeAll(async () => {
  open = await startRegistry();
});

afterEach(() => {
  pins = [];
});

afterAll(async () => {
  for (const id of ids) await remove({ image: spec(id) }, ctx);
  await Promise.all(registries.map((registry) => registry.close()));
  connection.close();
});

describe('PullImage', () => {
  it('pulls a tag, and answers the id that ImageStatus has', async () => {
    const name = push(registryImage());

    const id = await pull(`${name}:v1`);

    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await statusOf(`${name}:v1`)).toMatchObject({ id, repoTags: [`${name}:v1`] });
  });

  it('pulls latest, and no other tag, for a name without a tag', async () => {
    const name = push(registryImage(), { tag: 'latest' });
    push(registryImage(), { tag: 'other', repository: name.slice(name.indexOf('/') + 1) });

    const id = await pull(name);

    expect(await statusOf(name)).toMatchObject({ id, repoTags: [`${name}:latest`] });
    expect(await statusOf(`${name}:other`)).toBeUndefined();
  });

  it.each(['', ':v1', ':no-such-tag'])('pulls by digest, which wins over a tag beside it: %p', async (tag) => {
    const image = registryImage();
    const name = push(image);

    const id = await pull(`${name}${tag}@${image.manifestDigest}`);

    const byDigest = `${name}@${image.manifestDigest}`;
    expect(await statusOf(byDigest)).toMatchObject({ id, repoTags: [], repoDigests: [byDigest] });
  });

  it('pulls no id, be it there or not: whoever may pull an image has credentials for its repository', async () => {
    const id = await pull(`${push(registryImage())}:v1`);

    for (const one of [id, id.slice(0, 'sha256:'.length + 8), `sha256:${'0'.repeat(64)}`]) {
      await expect(pull(one)).rejects.toMatchObject({ kind: 'InvalidArgument' });
    }
    await expect(pull('')).rejects.toMatchObject({ kind: 'InvalidArgument' });
  });

  it('says what is missing: the repository, the tag, the registry', async () => {
    const name = push(registryImage());

    await expect(pull(`${open.host}/${nextRepository()}:v1`)).rejects.toMatchObject({ kind: 'NotFound' });
    await expect(pull(`${name}:v2`)).rejects.toMatchObject({
      kind: 'NotFound',
      message: expect.stringContaining(name) as string,
    });
    await expect(pull('127.0.0.1:1/nobody/here:v1')).rejects.toMatchObject({ kind: 'Unavailable' });
  });

  it('shares one pull among identical requests', async () => {
    const alone = push(registryImage());
    const shared = push(registryImage());
    const asked = (name: string): number => open.manifestRequests(name.slice(name.indexOf('/') + 1));
    await pull(`${alone}:v1`);

    const pulled = await Promise.all([1, 2, 3, 4, 5].map(() => pull(`${shared}:v1`)));

    expect(new Set(pulled).size).toBe(1);
    expect(asked(shared)).toBe(asked(alone));
  });
});

describe('credentials', () => {
  const packed = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
  const packedWithNuls = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}\0\0`).toString('base64');
  const accounts: [string, Partial<AuthConfig>][] = [
    ['user and password', ACCOUNT],
    ['auth', { auth: packed }],
    ['auth without padding', { auth: packed.replace(/=+$/, '') }],
    ['auth with NULs', { auth: packedWithNuls }],
  ];

  it.each(accounts)('open a registry with basic authentication: %s', async (_form, auth) => {
    const registry = await startRegistry({ kind: 'basic', ...ACCOUNT });
    const name = push(registryImage(), { registry });

    expect(await pull(`${name}:v1`, { ...auth, serverAddress: registry.host })).toMatch(/^sha256:/);
  });

  it.each([
    ...accounts,
    ['an identity token', { identityToken: 'refresh' }],
    ['a registry token', { registryToken: 'letmein' }],
  ] satisfies [string, Partial<AuthConfig>][])('open a registry with a token service: %s', async (_form, auth) => {
    const name = push(registryImage(), { registry: await startRegistry(TOKEN_DOOR) });

    expect(await pull(`${name}:v1`, auth)).toMatch(/^sha256:/);
  });

  it.each([
    ['none', undefined],
    ['a wrong password', { username: 'jo', password: 'wrong' }],
    ['those of another registry', { ...ACCOUNT, serverAddress: 'registry.example' }],
  ])('are refused: %s', async (_form, auth) => {
    const basic = push(registryImage(), { registry: await startRegistry({ kind: 'basic', ...ACCOUNT }) });
    const token = push(registryImage(), { registry: await startRegistry(TOKEN_DOOR) });

    await expect(pull(`${basic}:v1`, auth)).rejects.toMatchObject({ kind: 'PermissionDenied' });
    await expect(pull(`${token}:v1`, auth)).rejects.toMatchObject({ kind: 'PermissionDenied' });
  });

  it('are in no log and no message', async () => {
    const registry = await startRegistry({ kind: 'basic', ...ACCOUNT });
    const name = `${push(registryImage(), { registry })}:v1`;
    const wrong = { username: 'jo', password: 'wrong-word' };
    const elsewhere = { ...wrong, serverAddress: 'https://jo:wrong-word@registry.example/v2' };
    const refusals = await Promise.all(
      [wrong, elsewhere, { auth: Buffer.from('wrong-word').toString('base64') }].map((auth) =>
        pull(name, auth).then(String, String),
      ),
    );

    expect(refusals.join('\n')).toMatch(/(.*Error.*\n?){3}/);
    expect(written.join('')).toContain('not sent');
    const secrets = new RegExp(
      ['wrong-word', 'pass:word', 'letmein', packed, btoa('wrong-word').slice(0, 12)].join('|'),
    );
    expect(refusals.join('\n') + written.join('')).not.toMatch(secrets);
  });
});

describe('a pull that hangs', () => {
  it('stops in Docker too when its only caller leaves', async () => {
    const image = registryImage({ bytes: LARGE });
    const blob = open.hold(image.layerDigest);
    const call = new AbortController();
    const pulling = pull(`${push(image)}:v1`, undefined, sharedPull, { ...ctx, signal: call.signal });
    const failed = expect(pulling).rejects.toMatchObject({ kind: 'Cancelled' });
    await blob.begun.opened;

    call.abort(new ShimError('Cancelled', 'the client has left'));

    await failed;
    await hungUp(blob);
  });

  it('goes on for the callers that stay', async () => {
    const image = registryImage({ bytes: LARGE });
    const blob = open.hold(image.layerDigest);
    const name = `${push(image)}:v1`;
    const call = new AbortController();
    const leaving = pull(name, undefined, sharedPull, { ...ctx, signal: call.signal });
    const left = expect(leaving).rejects.toMatchObject({ kind: 'Cancelled' });
    const staying = pull(name);
    await blob.begun.opened;

    call.abort(new ShimError('Cancelled', 'the client has left'));
    await left;
    blob.rest.open();

    expect(await staying).toMatch(/^sha256:/);
  });

  it('fails when it makes no progress, and stops in Docker', async () => {
    const image = registryImage({ bytes: LARGE });
    const blob = open.hold(image.layerDigest);
    const impatient = pullImage({ engine, images, facts, pullProgressDeadlineMs: 1000 });

    await expect(pull(`${push(image)}:v1`, undefined, impatient)).rejects.toMatchObject({
      kind: 'DeadlineExceeded',
      message: expect.stringContaining('no progress') as string,
    });
    await hungUp(blob);
  });
});

describe('ImageStatus and ListImages', () => {
  it('find the same image by every kind of reference', async () => {
    const image = registryImage({ config: { User: '1000:100' } });
    const name = push(image);
    const id = await pull(`${name}:v1`);
    const hex = id.slice('sha256:'.length);
    const digest = `${name}@${image.manifestDigest}`;
    const expected = { id, repoTags: [`${name}:v1`], repoDigests: [digest], uid: { value: 1000n }, username: '' };

    for (const reference of [
      `${name}:v1`,
      digest,
      `${name}:v1@${image.manifestDigest}`,
      id,
      hex,
      hex.slice(0, 16),
      id.slice(0, 23),
    ]) {
      expect(await statusOf(reference)).toMatchObject(expected);
      const { images } = await list({ filter: { image: spec(reference) } }, ctx);
      expect(images).toEqual([expect.objectContaining(expected)]);
    }
    expect((await list({ filter: undefined }, ctx)).images).toContainEqual(expect.objectContaining(expected));
  });

  it('answer without an image for one that is not here', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    for (const reference of [`${open.host}/nobody:v1`, `${open.host}/nobody@${digest}`, digest, 'sha256:0000000']) {
      expect(await status({ image: spec(reference), verbose: true }, ctx)).toEqual({ image: undefined, info: {} });
      expect(await list({ filter: { image: spec(reference) } }, ctx)).toEqual({ images: [] });
    }
  });

  it('say the user by name, and what is pinned by any of its names', async () => {
    const image = registryImage({ config: { User: 'www-data:www-data' } });
    const name = push(image);
    const other = push(image);
    await pull(`${name}:v1`);
    await pull(`${other}:v1`);
    pins = [parseReference(`${other}:v1`)];

    const expected = { uid: undefined, username: 'www-data', pinned: true };
    expect(await statusOf(`${name}:v1`)).toMatchObject(expected);
    expect((await list({ filter: { image: spec(`${name}:v1`) } }, ctx)).images).toEqual([
      expect.objectContaining(expected),
    ]);
  });

  it('describe the configuration when asked to be verbose', async () => {
    const name = push(registryImage({ config: { Labels: { role: 'test' }, WorkingDir: '/srv' } }));
    await pull(`${name}:v1`);

    const { info } = await status({ image: spec(`${name}:v1`), verbose: true }, ctx);

    expect(JSON.parse(info['info'] ?? '')).toMatchObject({
      labels: { role: 'test' },
      imageSpec: { os: 'linux', config: { WorkingDir: '/srv' }, history: [{ created_by: 'a test' }] },
    });
  });
});

describe('RemoveImage', () => {
  const forms: [string, (image: { name: string; digest: string; id: string }) => string][] = [
    ['tag', ({ name }) => `${name}:v1`],
    ['digest', ({ name, digest }) => `${name}@${digest}`],
    ['id', ({ id }) => id],
    ['bare id', ({ id }) => id.slice('sha256:'.length)],
  ];

  it.each(forms)('takes the image away with all its names, by %s', async (_form, reference) => {
    const image = registryImage();
    const repository = nextRepository();
    const name = push(image, { repository });
    push(image, { repository, tag: 'v2' });
    const elsewhere = push(image);
    const id = await pull(`${name}:v1`);
    await pull(`${name}:v2`);
    await pull(`${elsewhere}:v1`);

    await remove({ image: spec(reference({ name, digest: image.manifestDigest, id })) }, ctx);

    for (const gone of [id, `${name}:v1`, `${name}:v2`, `${elsewhere}:v1`])
      expect(await statusOf(gone)).toBeUndefined();
  });

  it('succeeds for what is gone, and for five callers at once', async () => {
    const name = push(registryImage());
    const id = await pull(`${name}:v1`);

    await Promise.all([1, 2, 3, 4, 5].map(() => remove({ image: spec(id) }, ctx)));

    expect(await statusOf(id)).toBeUndefined();
    expect(await remove({ image: spec(id) }, ctx)).toEqual({});
    expect(await remove({ image: spec(`${name}:v1`) }, ctx)).toEqual({});
  });

  it('leaves an image with its names while a container uses it', async () => {
    const names = await namesOfOne(2);
    await expectKept(names, { Image: names[0] ?? '', Cmd: ['/content'], HostConfig: {} });
  });

  const engineApi = spawnSync('docker', ['--host', `unix://${SOCKET}`, 'version', '-f', '{{.Server.APIVersion}}']);
  const whereImagesMount = compareApiVersions(engineApi.stdout.toString().trim(), '1.48') >= 0 ? it : it.skip;

  whereImagesMount.each([1, 2])('leaves an image its names, %i of them, while it is mounted', async (count) => {
    const other = `${push(registryImage())}:v1`;
    await pull(other);
    const names = await namesOfOne(count);
    const mounts = [{ Type: 'image', Source: names[0] ?? '', Target: '/data', ReadOnly: true } as const];
    await expectKept(names, { Image: other, Cmd: ['/content'], HostConfig: { Mounts: mounts } });
  });

  /** So many names of one new image. */
  async function namesOfOne(count: number): Promise<string[]> {
    const image = registryImage();
    const names = Array.from({ length: count }, () => `${push(image)}:v1`);
    for (const name of names) await pull(name);
    return names;
  }

  /** The image cannot be removed, and has its names, until such a container is gone. */
  async function expectKept(names: readonly string[], body: ContainerCreate): Promise<void> {
    const [name = ''] = names;
    const container = await engine.createContainer(ctx, `dockershim-image-test-${process.pid}`, body);
    try {
      await expect(remove({ image: spec(name) }, ctx)).rejects.toMatchObject({ kind: 'FailedPrecondition' });
      expect((await statusOf(name))?.repoTags.sort()).toEqual([...names].sort());
    } finally {
      await engine.removeContainer(ctx, container, { force: true });
    }
    await remove({ image: spec(name) }, ctx);
    expect(await statusOf(name)).toBeUndefined();
  }
});
