import { RunPodSandboxRequest, RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { docker, inspect } from '../support/engine-under-test';
import { refusal } from '../support/grpc-refusal';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';

jest.setTimeout(60_000);

let shim: ShimUnderTest;
let pods: TestPods;
/** The runtimes beside the default one that Docker itself can run a container with: a host may have some that can't. */
let others: string[];

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  const { runtimeHandlers } = await shim.call(Runtime.status, { verbose: false });
  const usual = await docker('info', '--format', '{{.DefaultRuntime}}');
  others = [];
  for (const { name } of runtimeHandlers) {
    if (name !== '' && name !== usual && (await runsWith(name))) others.push(name);
  }
});

afterAll(() => shim.stop());

function runsWith(runtime: string): Promise<boolean> {
  const trial = docker('run', '--rm', '--network=none', `--runtime=${runtime}`, pods.image, 'true');
  return trial.then(
    () => true,
    () => false,
  );
}

it('are Docker’s runtimes, for the pod and all of its containers', async () => {
  expect(others).not.toEqual([]);
  for (const runtimeHandler of others) {
    const config = pods.config();
    const { podSandboxId } = await shim.call(Runtime.runPodSandbox, { config, runtimeHandler });
    const id = await pods.started({ id: podSandboxId, config });

    expect([(await inspect(podSandboxId)).HostConfig.Runtime, (await inspect(id)).HostConfig.Runtime]).toEqual([
      runtimeHandler,
      runtimeHandler,
    ]);
    expect((await pods.sandboxStatus(podSandboxId)).runtimeHandler).toBe(runtimeHandler);
    expect(await pods.script(id, 'echo runs')).toBe('runs\n');
  }
});

it('that are unknown are refused with the list of the known ones', async () => {
  const request = RunPodSandboxRequest.fromPartial({ config: pods.config(), runtimeHandler: 'no-such' });
  const known = (await docker('info', '--format', '{{range $name, $_ := .Runtimes}}{{$name}} {{end}}'))
    .split(' ')
    .sort();

  await expect(shim.call(Runtime.runPodSandbox, request)).rejects.toMatchObject(
    refusal('INVALID_ARGUMENT', new RegExp(`"no-such" is none of .* \\(${known.join(', ')}\\)`)),
  );
});
