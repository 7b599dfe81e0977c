import { RunPodSandboxRequest } from '../../../generated/runtime/v1/api';
import type { EngineFacts } from '../../../src/docker/engine-facts';
import { ShimError } from '../../../src/lib/errors';
import { KeyedMutex } from '../../../src/lib/keyed-mutex';
import { runPodSandbox, type RunNeeds } from '../../../src/sandbox/run';
import { aCall } from '../../support/a-call';
import { refusalOf } from '../../support/refusal';

/** Runs a pod as far as the journal, which refuses; the engine was last known to have runc, and has kata too by now. */
async function runWith(runtimeHandler: string): Promise<{ refusal: string; askedAnew: number }> {
  let askedAnew = 0;
  const facts = (...names: string[]) =>
    Promise.resolve({ runtimes: { names, default: 'runc' } } as unknown as EngineFacts);
  const needs = {
    facts: () => facts('runc'),
    freshFacts: () => facts('runc', 'kata').finally(() => (askedAnew += 1)),
    pods: new KeyedMutex(),
    podEvents: { whileMaking: (_name: string, make: () => Promise<unknown>) => make() },
    pauseImage: { ensure: () => Promise.resolve('pause') },
    network: { dockerNetworkMode: 'none' },
    lowestOomScore: -1000,
    requireAppArmorProfile: () => undefined,
    journal: { begin: () => Promise.reject(new ShimError('Internal', 'as far as this')) },
  } as unknown as RunNeeds;
  const metadata = { name: 'web', namespace: 'default', uid: 'uid' };
  const request = RunPodSandboxRequest.fromPartial({ config: { metadata }, runtimeHandler });
  const refusal = await refusalOf(runPodSandbox(needs)(request, aCall().ctx));
  return { refusal, askedAnew };
}

it.each(['', 'runc'])('asks a slow engine nothing for the runtime %j, which is known', async (handler) => {
  expect(await runWith(handler)).toEqual({ refusal: expect.stringContaining('as far as this'), askedAnew: 0 });
});

it('asks for the engine’s runtimes anew before it refuses one: they change without a restart', async () => {
  expect(await runWith('kata')).toEqual({ refusal: expect.stringContaining('as far as this'), askedAnew: 1 });
  const { refusal } = await runWith('no-such');
  expect(refusal).toMatch(/"no-such" is none of this Docker Engine's runtimes \(kata, runc\)/);
});
