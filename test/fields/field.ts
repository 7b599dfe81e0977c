import type {
  CreateContainerRequest,
  PullImageRequest,
  RunPodSandboxRequest,
  UpdateContainerResourcesRequest,
} from '../../generated/runtime/v1/api';

/** Requests that a test can make of a field; required parts that they leave out are filled in (translation.ts). */
interface Requests {
  readonly RunPodSandboxRequest: Parameters<typeof RunPodSandboxRequest.fromPartial>[0];
  readonly CreateContainerRequest: Parameters<typeof CreateContainerRequest.fromPartial>[0];
  readonly UpdateContainerResourcesRequest: Parameters<typeof UpdateContainerResourcesRequest.fromPartial>[0];
  readonly PullImageRequest: Parameters<typeof PullImageRequest.fromPartial>[0];
}

export type RequestName = keyof Requests;

/** A request that sets the field; with `refusal`, what it is refused with: `Kind: sentence`. */
export interface Example {
  readonly request: RequestName;
  readonly given: object;
  readonly refusal?: string;
}

/** What the shim does with a field. */
export interface Field {
  readonly what: 'carried out' | 'refused' | 'nothing to do' | 'for Windows';
  /** How, when, or why. Markdown. */
  readonly how: string;
  readonly examples: readonly Example[];
}

/** By the name in the contract. */
export type Fields = Readonly<Record<string, Field>>;

/** By the name of the message. */
export type Messages = Readonly<Record<string, Fields>>;

export const carriedOut = (how: string, ...examples: Example[]): Field => ({ what: 'carried out', how, examples });

/** Whatever it says; or, as `how` tells, whatever Docker has no words for. */
export const refused = (how: string, ...examples: Example[]): Field => ({ what: 'refused', how, examples });

/** There is nothing on Docker or Linux that it could change. */
export const nothingToDo = (how: string, ...examples: Example[]): Field => ({ what: 'nothing to do', how, examples });

/** Below a message that is refused as a whole. */
export const forWindows: Field = { what: 'for Windows', how: 'The message that it is in is refused.', examples: [] };

type PodConfig = NonNullable<Requests['RunPodSandboxRequest']['config']>;
type Config = NonNullable<Requests['CreateContainerRequest']['config']>;

export const run = (config: PodConfig, refusal?: string): Example =>
  example('RunPodSandboxRequest', { config }, refusal);

export const create = (config: Config, refusal?: string): Example =>
  example('CreateContainerRequest', { config }, refusal);

export function example<Name extends RequestName>(request: Name, given: Requests[Name], refusal?: string): Example {
  return refusal === undefined ? { request, given } : { request, given, refusal };
}
