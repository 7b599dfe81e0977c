import {
  ImageServiceService as Images,
  ImageStatusRequest,
  PodSandboxState,
  RuntimeServiceService as Runtime,
} from '../../generated/runtime/v1/api';
import { doctor } from '../../src/cli/doctor';
import { migrate } from '../../src/cli/migrate';
import type { Finding } from '../../src/doctor/finding';
import type { Plan } from '../../src/migrate/plan';
import { ENGINE_SOCKET } from '../support/engine-under-test';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

jest.setTimeout(60_000);

let shim: ShimUnderTest;
let pods: TestPods;

beforeAll(async () => {
  shim = await ShimUnderTest.start('--network-plugin=bridge');
  pods = await TestPods.over(shim);
});

afterAll(() => shim.stop());

/** The arguments of a command about the node of these tests, and a kept output. */
function command(words: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const given = {
    'docker-endpoint': `unix://${ENGINE_SOCKET}`,
    'container-runtime-endpoint': `unix://${shim.socketPath}`,
    'root-directory': shim.rootDirectory,
    'network-plugin': 'bridge',
    json: 'true',
    ...more,
  };
  const flags = Object.entries(given).map(([flag, value]) => ({ flag, as: `--${flag}`, value }));
  let text = '';
  return { args: { flags, words }, output: { write: (more: string) => (text += more) }, text: () => text };
}

function found(text: string, subject: string): Finding[] {
  return (JSON.parse(text) as { findings: Finding[] }).findings.filter((finding) => finding.subject === subject);
}

describe('doctor', () => {
  it('names the engine, the shim that serves, and counts the pods', async () => {
    await pods.run();
    const { args, output, text } = command([]);
    await doctor(args, output);

    expect(found(text(), 'engine')).toMatchObject([
      { level: 'ok', says: expect.stringMatching(/^Docker \d+/) as string },
    ]);
    expect(found(text(), 'pods')[0]).toMatchObject({
      level: 'ok',
      says: expect.stringMatching(/[1-9]\d* of them running/) as string,
    });
    // The shim of these tests is in jest's own process, which has another name.
    expect(found(text(), 'sockets')[0]?.says).toMatch(`${shim.socketPath} is `);
    expect(found(text(), 'sockets')[0]?.says).toContain(`process ${process.pid}`);
  });

  it('has a problem without an engine, and says what to do', async () => {
    const { args, output, text } = command([], { 'docker-endpoint': 'unix:///nobody/here.sock' });

    expect(await doctor(args, output)).toBe(4);
    expect(found(text(), 'engine')).toMatchObject([
      { level: 'problem', advice: expect.stringMatching(/systemctl start docker/) as string },
    ]);
  });
});

describe('migrate', () => {
  it('plans for this node', async () => {
    const { args, output, text } = command(['plan']);

    expect(await migrate(args, output)).toBe(0);
    expect(text()).toContain(`--container-runtime-endpoint=unix://${shim.socketPath}`);
  });

  it('carries over images by their tags, of which a kubelet made containers by id', async () => {
    const { image } = await shim.call(
      Images.imageStatus,
      ImageStatusRequest.fromPartial({ image: { image: pods.image } }),
    );
    await pods.create(await pods.run(), { image: { image: image?.id ?? '' } });
    const { args, output, text } = command(['plan'], { to: 'containerd' });

    expect(await migrate(args, output)).toBe(0);
    const { steps } = JSON.parse(text()) as Plan;
    const carried = steps
      .flatMap(({ commands = [] }) => commands)
      .filter((one) => one.startsWith(`docker --host=unix://${ENGINE_SOCKET} save `));
    expect(carried.join(' ').split(' ')).toContain(pods.image);
  });

  it('sees that every pod was taken over, also those that ended', async () => {
    const { id } = await pods.run();
    await shim.call(Runtime.stopPodSandbox, { podSandboxId: id });
    const { args, output, text } = command(['check']);
    await migrate(args, output);

    expect(found(text(), 'sandboxes')).toMatchObject([{ level: 'ok' }]);
    expect(found(text(), 'containers')).toMatchObject([{ level: 'ok' }]);
    const { items } = await shim.call(Runtime.listPodSandbox, { filter: undefined });
    expect(items.find((item) => item.id === id)?.state).toBe(PodSandboxState.SANDBOX_NOTREADY);
  });

  it('looks at all of the sockets that the shim is told, as the doctor does', async () => {
    const { args, output, text } = command(['check']);
    const value = 'unix:///nobody/here.sock';
    const flag = 'container-runtime-endpoint';
    const flags = [...args.flags, { flag, as: `--${flag}`, value }];
    await migrate({ ...args, flags }, output);

    expect(found(text(), 'sockets').map(({ says }) => says)).toContain('/nobody/here.sock: nobody serves yet');
  });

  it('refuses what it does not know', async () => {
    const unknown = command(['forward']);
    await expect(migrate(unknown.args, unknown.output)).rejects.toThrow(/takes one of plan, check, rollback/);
    const nowhere = command(['plan'], { to: 'rkt' });
    await expect(migrate(nowhere.args, nowhere.output)).rejects.toThrow(/--to must be dockershim or containerd/);
  });
});
