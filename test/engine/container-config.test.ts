import { writeFile } from 'node:fs/promises';
import {
  ListContainersRequest,
  RuntimeServiceService as Runtime,
  SecurityProfile_ProfileType as ProfileType,
  Signal,
} from '../../generated/runtime/v1/api';
import { docker, importBusybox, inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type ContainerParts, type TestPod } from '../support/test-pods';

jest.setTimeout(60_000);

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;
/** An image with an entrypoint, a command, variables, a user, a working directory and a health check. */
let image: string;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  pod = await pods.run();
  image = `${shim.runName}/opinionated:1`;
  await importBusybox(image, [
    'ENTRYPOINT ["echo","entrypoint"]',
    'CMD ["command"]',
    'ENV FROM_IMAGE=yes',
    'USER 1234:1235',
    'WORKDIR /work',
    'HEALTHCHECK --interval=1s CMD false',
  ]);
});

afterAll(() => shim.stop());

/** What a container that runs to its end writes, from its log. */
async function output(parts: ContainerParts): Promise<string> {
  const { id } = await pods.ended(pod, parts);
  return await docker('logs', id);
}

const sh = (text: string, parts: ContainerParts = {}): ContainerParts => ({ command: ['sh', '-c', text], ...parts });

describe('command and args', () => {
  it.each([
    { what: "neither: the image's", command: [], args: [], said: 'entrypoint command' },
    { what: "args alone follow the image's entrypoint", command: [], args: ['x', 'y'], said: 'entrypoint x y' },
    { what: "a command alone goes without the image's", command: ['echo', 'a'], args: [], said: 'a' },
    { what: 'both', command: ['echo'], args: ['b c', '*'], said: 'b c *' },
  ])('$what', async ({ command, args, said }) => {
    expect(await output({ image: { image }, command, args })).toBe(said);
  });
});

describe('the environment', () => {
  it("has the image's variables and the container's, which win", async () => {
    const envs = [
      { key: 'FROM_IMAGE', value: Buffer.from('no') },
      { key: 'GREETING', value: Buffer.from('hé=llo\n"world"') },
      { key: 'EMPTY', value: Buffer.alloc(0) },
    ];

    const said = await output(sh('echo "$FROM_IMAGE|$GREETING|${EMPTY-unset}|$PATH"', { image: { image }, envs }));

    expect(said).toBe('no|hé=llo\n"world"||/bin');
  });
});

describe('the working directory', () => {
  it("is the image's, or the container's", async () => {
    expect(await output(sh('pwd', { image: { image } }))).toBe('/work');
    expect(await output(sh('pwd', { image: { image }, workingDir: '/made/for/it' }))).toBe('/made/for/it');
  });
});

describe('the user', () => {
  const asUser = (securityContext: object): ContainerParts =>
    sh('id', { image: { image }, linux: { securityContext } });

  it.each([
    ["the image's", {}, 'uid=1234(user) gid=1235(user) groups=1235(user)'],
    ['a number', { runAsUser: { value: 77n } }, 'uid=77 gid=0(root) groups=0(root)'],
    ['root', { runAsUser: { value: 0n } }, 'uid=0(root) gid=0(root)'],
    ['a number and a group', { runAsUser: { value: 77n }, runAsGroup: { value: 78n } }, 'uid=77 gid=78'],
    ['a name', { runAsUsername: 'user' }, 'uid=1234(user) gid=1235(user)'],
    [
      'with more groups',
      { runAsUser: { value: 77n }, runAsGroup: { value: 78n }, supplementalGroups: [79n, 80n] },
      'uid=77 gid=78 groups=78,79,80',
    ],
  ])('%s', async (_what, securityContext, said) => {
    expect(await output(asUser(securityContext))).toContain(said);
  });

  it('is in the status where it is known by number', async () => {
    const { id } = await pods.ended(
      pod,
      asUser({ runAsUser: { value: 77n }, runAsGroup: { value: 78n }, supplementalGroups: [79n] }),
    );

    expect((await pods.status(id)).user).toEqual({ linux: { uid: 77n, gid: 78n, supplementalGroups: [78n, 79n] } });
  });
});

describe('terminal and input', () => {
  it('has a terminal when it asks for one', async () => {
    const script = 'test -t 1 && echo yes || echo no';

    expect(await output(sh(script, { tty: true }))).toBe('yes');
    expect(await output(sh(script))).toBe('no');
  });

  it('has an input that stays open when it asks for one, and else one that is at its end', async () => {
    const { exitCode } = await pods.ended(pod, sh('cat; exit 3'));
    const waiting = await pods.started(pod, sh('cat; exit 3', { stdin: true, stdinOnce: true }));

    expect(exitCode).toBe(3);
    const { Config: config, State: state } = await inspect(waiting);
    expect(config).toMatchObject({ OpenStdin: true, StdinOnce: true });
    expect(state.Running).toBe(true);
  });
});

describe('security', () => {
  const withSecurity = (text: string, securityContext: object) => output(sh(text, { linux: { securityContext } }));
  /** Bits of /proc/self/status. */
  const CHOWN = 1n << 0n;
  const NET_ADMIN = 1n << 12n;
  const ownStatus = (securityContext: object) => withSecurity('cat /proc/self/status', securityContext);
  const capabilities = (status: string) => BigInt(`0x${/^CapEff:\s+(\w+)$/m.exec(status)?.[1]}`);

  it('adds and drops capabilities', async () => {
    const usual = capabilities(await ownStatus({}));
    const changed = capabilities(
      await ownStatus({ capabilities: { addCapabilities: ['NET_ADMIN'], dropCapabilities: ['CHOWN'] } }),
    );

    expect([usual & CHOWN, usual & NET_ADMIN]).toEqual([CHOWN, 0n]);
    expect([changed & CHOWN, changed & NET_ADMIN]).toEqual([0n, NET_ADMIN]);
  });

  it('drops what is dropped, also when it is added', async () => {
    const changed = capabilities(
      await ownStatus({ capabilities: { addCapabilities: ['ALL', 'CHOWN'], dropCapabilities: ['ALL'] } }),
    );
    const none = capabilities(
      await ownStatus({ capabilities: { addCapabilities: ['NET_ADMIN'], dropCapabilities: ['ALL', 'NET_ADMIN'] } }),
    );

    expect([changed, none]).toEqual([CHOWN, 0n]);
  });

  it('has no inheritable or ambient capabilities, which a user other than root could take up', async () => {
    const status = await ownStatus({ runAsUser: { value: 77n } });

    for (const set of ['CapInh', 'CapEff', 'CapAmb']) expect(status).toMatch(new RegExp(`^${set}:\\s+0+$`, 'm'));
  });

  it('sets no_new_privs', async () => {
    expect(await ownStatus({})).toMatch(/^NoNewPrivs:\s+0$/m);
    expect(await ownStatus({ noNewPrivs: true })).toMatch(/^NoNewPrivs:\s+1$/m);
  });

  it('has a read-only root when it asks for one', async () => {
    expect(await withSecurity('touch /x && echo written', {})).toBe('written');
    expect(await withSecurity('touch /x 2>/dev/null || echo refused', { readonlyRootfs: true })).toBe('refused');
  });

  it.each([
    ['none: not confined', undefined, 0],
    ['unconfined', { profileType: ProfileType.Unconfined }, 0],
    ["the runtime's default", { profileType: ProfileType.RuntimeDefault }, 2],
  ])('seccomp: %s', async (_what, seccomp, mode) => {
    expect(await ownStatus({ seccomp })).toMatch(new RegExp(`^Seccomp:\\s+${mode}$`, 'm'));
  });

  it('seccomp: a privileged container has none, whatever profile it names', async () => {
    const seccomp = { profileType: ProfileType.Localhost, localhostRef: '/no/such/profile.json' };

    const id = await pods.create(pod, { linux: { securityContext: { seccomp, privileged: true } } });
    const { Privileged: privileged, SecurityOpt: options } = (await inspect(id)).HostConfig;
    expect([privileged, (options ?? []).filter((option) => option.startsWith('seccomp'))]).toEqual([true, []]);
  });

  it('a privileged container has the node’s cgroups in view', async () => {
    const id = await pods.create(pod, { linux: { securityContext: { privileged: true } } });
    expect((await inspect(id)).HostConfig.CgroupnsMode).toBe('host');
  });

  it('seccomp: a profile of nothing but a default action is in force, and numbers beyond 2^53 are kept', async () => {
    const path = `${shim.directory}/log-all.json`;
    const args = '[{"index":0,"value":18446744073709551615,"valueTwo":0,"op":"SCMP_CMP_EQ"}]';
    const text = `{ "defaultAction": "SCMP_ACT_ALLOW",\n "syscalls": [{ "names": ["close"], "action": "SCMP_ACT_KILL", "args": ${args} }] }`;
    const seccomp = { profileType: ProfileType.Localhost, localhostRef: path };
    await writeFile(path, '{ "defaultAction": "SCMP_ACT_ALLOW" }');
    expect(await ownStatus({ seccomp })).toMatch(/^Seccomp:\s+2$/m);

    await writeFile(path, text);
    const { id } = await pods.ended(pod, sh('true', { linux: { securityContext: { seccomp } } }));
    expect((await inspect(id)).HostConfig.SecurityOpt?.[0]).toContain('18446744073709551615');
    expect((await pods.status(id)).exitCode).toBe(0);
  });

  it('AppArmor: what the engine has none of is refused, and what asks for none is not', async () => {
    const withAppArmor = (securityContext: object) => withSecurity('echo runs', securityContext);
    const asked = { apparmor: { profileType: ProfileType.Localhost, localhostRef: 'localhost/no-such-profile' } };
    const refused = (await docker('info', '--format', '{{.SecurityOptions}}')).includes('name=apparmor')
      ? refusal('INVALID_ARGUMENT', /"no-such-profile" is not loaded/)
      : refusal('UNIMPLEMENTED', /apparmor: this Docker Engine has no AppArmor/);

    await expect(withAppArmor(asked)).rejects.toMatchObject(refused);
    await expect(withAppArmor({ apparmorProfile: 'localhost/no-such-profile' })).rejects.toMatchObject(refused);
    expect(await withAppArmor({ apparmorProfile: 'unconfined' })).toBe('runs');
  });

  it('seccomp: a profile of the node is in force', async () => {
    const path = `${shim.directory}/no-mkdir.json`;
    const syscalls = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }];
    await writeFile(path, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }));
    const seccomp = { profileType: ProfileType.Localhost, localhostRef: path };

    expect(await withSecurity('mkdir /x 2>/dev/null || echo refused', { seccomp })).toBe('refused');
    expect(await withSecurity('mkdir /x && echo made', {})).toBe('made');
  });

  it('masks the paths that it is told, and none when it is told none', async () => {
    const { id } = await pods.ended(pod, sh('true', { linux: { securityContext: {} } }));
    const masked = await pods.ended(
      pod,
      sh('cat /proc/cpuinfo | head -1; echo end', { linux: { securityContext: { maskedPaths: ['/proc/cpuinfo'] } } }),
    );

    expect((await inspect(id)).HostConfig).toMatchObject({ MaskedPaths: [], ReadonlyPaths: [] });
    expect(await docker('logs', masked.id)).toBe('end');
  });
});

it("is never probed by Docker: the image's health check is off", async () => {
  const id = await pods.started(pod, { image: { image } });

  const { Config: config, State: state } = await inspect(id);
  expect(config.Healthcheck).toMatchObject({ Test: ['NONE'] });
  expect(state).not.toHaveProperty('Health');
});

it('keeps labels and annotations, and shows only them', async () => {
  const labels = { app: 'web', 'io.kubernetes.container.name': 'app' };
  const annotations = { note: 'two words', 'io.kubernetes.container.hash': 'abc' };
  const id = await pods.create(pod, { labels, annotations, metadata: { name: 'labelled', attempt: 7 } });

  expect(await pods.status(id)).toMatchObject({ labels, annotations, metadata: { name: 'labelled', attempt: 7 } });
});

it('shows no label of its image as a label or annotation of CRI', async () => {
  const labelled = `${shim.runName}/labelled:1`;
  const forged = [
    'io.kubernetes.container.name=forged',
    'annotation.io.kubernetes.container.hash=forged',
    'vendor=acme',
  ];
  const noKeys = 'LABEL io.kubernetes.dockershim.keys={"of":"","labels":[],"annotations":[]}';
  await importBusybox(labelled, [...forged.map((label) => `LABEL ${label}`), noKeys]);
  const [labels, annotations] = [{ app: 'web' }, { note: 'mine' }];

  const id = await pods.create(pod, { image: { image: labelled }, labels, annotations });

  expect((await inspect(id)).Config.Labels).toMatchObject({ vendor: 'acme' });
  expect(await pods.status(id)).toMatchObject({ labels, annotations });
  const filter = { id, labelSelector: { app: 'web' } };
  const { containers } = await shim.call(Runtime.listContainers, ListContainersRequest.fromPartial({ filter }));
  expect(containers).toMatchObject([{ labels, annotations }]);
});

describe('the image in the status', () => {
  it('has the name that was asked for and one id everywhere', async () => {
    const status = await pods.status(await pods.create(pod));

    const id = await docker('image', 'inspect', '--format', '{{.Id}}', pods.image);
    expect(status).toMatchObject({ image: { image: pods.image }, imageId: id, imageRef: `docker://${id}` });
  });

  it('has its name also when the container was made by id', async () => {
    const id = await docker('image', 'inspect', '--format', '{{.Id}}', pods.image);

    const status = await pods.status(await pods.create(pod, { image: { image: id } }));

    expect(status).toMatchObject({ image: { image: pods.image }, imageId: id });
  });

  it('that is not there fails the call with its name', async () => {
    await expect(pods.create(pod, { image: { image: 'dockershim.invalid/none:1' } })).rejects.toMatchObject(
      refusal('NOT_FOUND', /dockershim\.invalid\/none:1/),
    );
  });
});

it('has the stop signal that it asks for', async () => {
  const id = await pods.create(pod, { stopSignal: Signal.SIGNAL_SIGUSR1 });

  expect((await inspect(id)).Config.StopSignal).toBe('SIGUSR1');
  expect((await pods.status(id)).stopSignal).toBe(Signal.SIGNAL_SIGUSR1);
});
