import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import type { PodSandboxConfig } from '../../generated/runtime/v1/api';
import { RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { EngineConnection } from '../../src/docker/connection';
import { DockerodeEngine } from '../../src/docker/dockerode-engine';
import { engineFacts } from '../../src/docker/engine-facts';
import { kindOf, messageOf } from '../../src/lib/errors';
import { BUILT_IN_PAUSE_IMAGE } from '../../src/sandbox/pause/image-archive';
import { checkSandboxConfig, sandboxBody } from '../../src/translate/sandbox-config';
import { aCall } from '../support/a-call';
import { anyConfigs } from '../support/any-config';
import { ENGINE_SOCKET } from '../support/engine-under-test';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods, type ContainerParts, type PodParts, type TestPod } from '../support/test-pods';

/**
 * Whatever a configuration says, it makes a container that Docker takes, or it is refused by the name of a field. The few
 * refusals that are Docker's own words name what the host lacks.
 */
jest.setTimeout(240_000);

/** A path such as `linux.security_context.run_as_user`, or that of a mount. */
const NAMES_A_FIELD = /\b[a-z]+(_[a-z]+)*\.[A-Za-z]+(_[a-z]+)*\b|mount .*: [a-z_]+/;
const OF_THE_HOST = /Requested (CPUs|memory nodes) are not available|unknown capability/;
const RUNS = 300;

let shim: ShimUnderTest;
let pods: TestPods;
let pod: TestPod;
let connection: EngineConnection;

beforeAll(async () => {
  shim = await ShimUnderTest.start();
  pods = await TestPods.over(shim);
  pod = await pods.run();
  connection = new EngineConnection(ENGINE_SOCKET);
});

afterAll(async () => {
  connection.close();
  await shim.stop();
});

/** Counts, so that a test which only ever sees refusals fails. */
class Outcomes {
  made = 0;
  refused = 0;

  refuse(text: string): void {
    expect(text).toMatch(OF_THE_HOST.test(text) ? OF_THE_HOST : NAMES_A_FIELD);
    this.refused += 1;
  }

  check(): void {
    expect(this.made).toBeGreaterThan(RUNS / 20);
    expect(this.refused).toBeGreaterThan(RUNS / 20);
  }
}

it('any container is made, or refused by the name of a field', async () => {
  const outcomes = new Outcomes();
  const create = async (parts: ContainerParts): Promise<void> => {
    try {
      const containerId = await pods.create(pod, parts);
      await shim.call(Runtime.removeContainer, { containerId });
      outcomes.made += 1;
    } catch (error) {
      const { code, details } = error as { code: status; details: string };
      expect([status.INVALID_ARGUMENT, status.UNIMPLEMENTED]).toContain(code);
      outcomes.refuse(details);
    }
  };
  await fc.assert(fc.asyncProperty(anyConfigs(shim.directory).container, create), { numRuns: RUNS });
  outcomes.check();
});

it('any pod has a pause container that Docker takes, or is refused by the name of a field', async () => {
  const engine = new DockerodeEngine(connection);
  const { ctx } = aCall();
  const facts = await engineFacts(engine).get(ctx);
  const outcomes = new Outcomes();
  const bodyOf = (config: PodSandboxConfig) =>
    sandboxBody(checkSandboxConfig(config, facts), {
      image: BUILT_IN_PAUSE_IMAGE,
      cgroupDriver: facts.cgroupDriver,
      podNetwork: 'default',
      lowestOomScore: 0,
      runtime: '',
      seccomp: { kind: 'engine default' },
    });
  const create = async (parts: PodParts): Promise<void> => {
    const config = pods.config(parts);
    try {
      const id = await engine.createContainer(ctx, `${shim.runName}-${config.metadata?.name}`, bodyOf(config));
      await engine.removeContainer(ctx, id, { force: false });
      outcomes.made += 1;
    } catch (error) {
      expect(['InvalidArgument', 'Unimplemented']).toContain(kindOf(error));
      outcomes.refuse(messageOf(error));
    }
  };
  await fc.assert(fc.asyncProperty(anyConfigs(shim.directory).pod, create), { numRuns: RUNS });
  outcomes.check();
});
