import type * as cri from '../../generated/runtime/v1/api';
import { inParts } from '../lib/in-parts';
import type { ListVerb, StreamVerb, Verb } from './call';
import type { ImageVerbs, RuntimeVerbs } from './verbs';

/**
 * The lists of RuntimeService in parts: what their unary twins answer. The parts are so small that a client has the first
 * soon; encode-parts.ts bounds their bytes. The end of the stream is the end of the list.
 */
export function streamedRuntimeLists(verbs: Partial<RuntimeVerbs>) {
  return {
    streamPodSandboxes: divided(
      verbs.listPodSandbox,
      ({ items }) => items,
      (podSandboxes): cri.StreamPodSandboxesResponse => ({ podSandboxes }),
    ),
    streamContainers: divided(
      verbs.listContainers,
      ({ containers }) => containers,
      (containers): cri.StreamContainersResponse => ({ containers }),
    ),
    streamContainerStats: partByPart(verbs.listContainerStats, ({ stats }): cri.StreamContainerStatsResponse => ({
      containerStats: stats,
    })),
    streamPodSandboxStats: partByPart(verbs.listPodSandboxStats, ({ stats }): cri.StreamPodSandboxStatsResponse => ({
      podSandboxStats: stats,
    })),
    streamPodSandboxMetrics: partByPart(
      verbs.listPodSandboxMetrics,
      ({ podMetrics }): cri.StreamPodSandboxMetricsResponse => ({ podSandboxMetrics: podMetrics }),
    ),
  };
}

/** The list of ImageService in parts. */
export function streamedImageLists(verbs: Partial<ImageVerbs>) {
  return {
    streamImages: divided(
      verbs.listImages,
      ({ images }) => images,
      (images): cri.StreamImagesResponse => ({ images }),
    ),
  };
}

/** A list that is answered whole, divided. Undefined for one that is not built. */
function divided<Request, Answer, Item, Part>(
  list: Verb<Request, Answer> | undefined,
  itemsOf: (answer: Answer) => readonly Item[],
  partOf: (items: Item[]) => Part,
): StreamVerb<Request, Part> | undefined {
  if (list === undefined) return undefined;
  return async function* (request, ctx) {
    for await (const some of inParts(ctx, itemsOf(await list(request, ctx)))) yield partOf(some);
  };
}

/** A list that is made in parts. Undefined for one that is not built. */
function partByPart<Request, Answer, Part>(
  list: ListVerb<Request, Answer> | undefined,
  partOf: (answer: Answer) => Part,
): StreamVerb<Request, Part> | undefined {
  if (list === undefined) return undefined;
  return async function* (request, ctx) {
    for await (const part of list(request, ctx)) yield partOf(part);
  };
}
