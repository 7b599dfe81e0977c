import type { Server, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthService } from '../../generated/grpc/health/v1/health';
import { ImageServiceService, RuntimeServiceService } from '../../generated/runtime/v1/api';
import type { CallSurroundings } from './begin-call';
import type { CriVersion, ListVerb, StreamVerb, Verb } from './call';
import type { HealthVerbs } from './health';
import { withListEncoders } from './list-encoder';
import { serverStream } from './server-stream';
import { streamedImageLists, streamedRuntimeLists } from './streamed-lists';
import { unary } from './unary';
import type { ImageVerbs, RuntimeVerbs } from './verbs';

/**
 * The calls that v1 has and v1alpha2 has not. Those of v1alpha2 are served with v1's codecs: field by field they are
 * the same on the wire (test/unit/proto proves it), and what a newer answer has beyond an old client's knowledge it
 * skips.
 */
const NOT_IN_V1ALPHA2 = new Set([
  'streamPodSandboxes',
  'streamContainers',
  'streamContainerStats',
  'streamPodSandboxStats',
  'streamPodSandboxMetrics',
  'streamImages',
  'checkpointContainer',
  'checkpointPod',
  'restorePod',
  'getContainerEvents',
  'listMetricDescriptors',
  'listPodSandboxMetrics',
  'runtimeConfig',
  'updatePodSandboxResources',
]);

/** Registers RuntimeService and ImageService of both versions, from one implementation. */
export function addCriServices(
  server: Server,
  verbs: { runtime: RuntimeVerbs; image: ImageVerbs },
  around: CallSurroundings,
): void {
  const runtime = { ...verbs.runtime, ...streamedRuntimeLists(verbs.runtime) };
  const image = { ...verbs.image, ...streamedImageLists(verbs.image) };
  const runtimeService = withListEncoders(RuntimeServiceService);
  for (const api of ['v1', 'v1alpha2'] as const) {
    addService(server, inVersion(runtimeService, api), runtime, around);
    addService(server, inVersion(ImageServiceService, api), image, around);
  }
}

/** Registers gRPC's health service. */
export function addHealthService(server: Server, verbs: HealthVerbs, around: CallSurroundings): void {
  addService(server, HealthService, verbs, around);
}

/** A service of v1 under the paths of another version of the interface, without what that one lacks. */
export function inVersion(service: ServiceDefinition, api: CriVersion): ServiceDefinition {
  if (api === 'v1') return service;
  const methods = Object.entries(service).filter(([name]) => !NOT_IN_V1ALPHA2.has(name));
  return Object.fromEntries(
    methods.map(([name, method]) => [
      name,
      { ...method, path: method.path.replace('/runtime.v1.', `/runtime.${api}.`) },
    ]),
  );
}

/** grpc-js answers Unimplemented for the methods that have no handler here. */
function addService(
  server: Server,
  service: ServiceDefinition,
  verbs: RuntimeVerbs | ImageVerbs | HealthVerbs,
  around: CallSurroundings,
): void {
  const built = new Map(Object.entries(verbs) as [string, unknown][]);
  const handlers: UntypedServiceImplementation = {};
  const methods = Object.entries(service).map(([name, method]) => {
    const verb = built.get(name);
    if (verb === undefined) return [name, method] as const;
    handlers[name] = method.responseStream
      ? serverStream(around, method, verb as StreamVerb<unknown, object>)
      : unary(around, method, verb as Verb<unknown, object> | ListVerb<unknown, object>);
    return [name, { ...method, responseSerialize: (bytes: Buffer) => bytes }] as const;
  });
  server.addService(Object.fromEntries(methods), handlers);
}
