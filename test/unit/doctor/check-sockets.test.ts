import { socketFindings } from '../../../src/doctor/check-sockets';
import type { KubeletSettings } from '../../../src/doctor/kubelet-settings';
import type { SocketOwner } from '../../../src/host/unix-socket/socket-owner';

const NO_KUBELET: KubeletSettings = {
  running: false,
  complete: false,
  sources: [],
  cgroupDriver: undefined,
  runtimeEndpoint: undefined,
  runtime: undefined,
  flags: new Map(),
  endpointFlagFile: undefined,
  endpointFile: undefined,
};
const SHIM: SocketOwner = { pid: 7, program: 'node', args: ['node', '/usr/lib/dockershim/dockershim.js', 'serve'] };
const CRI_DOCKERD: SocketOwner = { pid: 9, program: 'cri-dockerd', args: ['/usr/bin/cri-dockerd'] };
const SYSTEMD: SocketOwner = { pid: 1, program: 'systemd', args: ['/sbin/init'] };
const OWN = '/run/dockershim.sock';

function findings(owners: Record<string, SocketOwner[]>, kubelet: Partial<KubeletSettings> = {}) {
  return socketFindings({
    own: [OWN],
    kubelet: { ...NO_KUBELET, ...kubelet },
    owners: (path) => Promise.resolve(owners[path] ?? []),
  });
}

it('sees this shim behind another path that the kubelet is told, as a drop-in of its socket unit has it', async () => {
  const path = '/run/cri-dockerd.sock';
  const kubelet = { sources: ['flags'], runtimeEndpoint: `unix://${path}` };
  const told = async (owners: SocketOwner[]) => (await findings({ [path]: owners }, kubelet)).at(-1);
  expect(await told([SYSTEMD, SHIM])).toEqual({
    subject: 'kubelet',
    level: 'ok',
    says: `the kubelet is told unix://${path}, where this shim serves too (process 7)`,
  });
  expect(await told([SYSTEMD])).toMatchObject({
    level: 'warning',
    says: `the kubelet is told unix://${path}, where systemd listens and will start a service`,
    advice: expect.stringMatching(/^see which with systemctl list-sockets: .*dockershim\.service/) as string,
  });
  expect(await told([CRI_DOCKERD])).toMatchObject({
    level: 'warning',
    says: `the kubelet is told unix://${path}, which is not this shim's`,
  });
});

it('names this shim, and others that serve', async () => {
  expect(await findings({ [OWN]: [SHIM], '/run/cri-dockerd.sock': [CRI_DOCKERD] })).toEqual([
    { subject: 'sockets', level: 'ok', says: `${OWN}: this shim serves (process 7)` },
    { subject: 'sockets', level: 'ok', says: '/run/cri-dockerd.sock: cri-dockerd (process 9)' },
    { subject: 'kubelet', level: 'ok', says: 'no kubelet is configured on this node' },
  ]);
});

it("sees this shim behind systemd's own hold of the socket", async () => {
  expect((await findings({ [OWN]: [SYSTEMD, SHIM] }))[0]?.says).toBe(`${OWN}: this shim serves (process 7)`);
  expect((await findings({ [OWN]: [SYSTEMD] }))[0]).toMatchObject({ level: 'ok' });
});

it("is a problem when somebody else has the shim's socket", async () => {
  expect((await findings({ [OWN]: [CRI_DOCKERD] }))[0]).toMatchObject({
    level: 'problem',
    says: `${OWN} is cri-dockerd (process 9)'s`,
  });
});

it("lets the kubelet's own dockershim have it: the plan takes it over", async () => {
  const kubelet = { pid: 5, program: 'kubelet', args: ['/usr/bin/kubelet'] };
  expect((await findings({ [OWN]: [kubelet] }))[0]).toEqual({
    subject: 'sockets',
    level: 'ok',
    says: `${OWN}: the kubelet's own dockershim serves (process 5); dockershim migrate plan has the steps that take it over`,
  });
});

it.each<[Partial<KubeletSettings>, string, RegExp]>([
  [{ runtimeEndpoint: `unix://${OWN}` }, 'ok', /is told unix:\/\/\/run\/dockershim\.sock, this shim's/],
  [{ runtimeEndpoint: 'unix:///run/cri-dockerd.sock' }, 'warning', /which is not this shim's/],
  [{ runtimeEndpoint: OWN }, 'ok', /this shim's/],
  [{ runtimeEndpoint: `fd://${OWN}` }, 'warning', /which is not this shim's/],
  [{ runtimeEndpoint: 'fd://' }, 'warning', /which is not this shim's/],
  [{}, 'warning', /no runtime endpoint/],
  [{ runtime: 'remote' }, 'problem', /remote, but it has no endpoint/],
])('compares what the kubelet is told: %j', async (kubelet, level, says) => {
  const told = (await findings({}, { sources: ['flags'], ...kubelet })).find(({ subject }) => subject === 'kubelet');
  expect(told).toMatchObject({ level, says: expect.stringMatching(says) as string });
});
