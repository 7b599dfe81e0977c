import type * as cri from '../../generated/runtime/v1/api';
import type { StreamVerb, Verb } from './call';
import type { ImageVerbs, RuntimeVerbs } from './verbs';

/** So few that a client has the first part soon; encode-parts.ts bounds their bytes. */
const ITEMS_PER_PART = 25;

/** The lists of RuntimeService in parts: what their unary twins answer. */
export function streamedRuntimeLists(verbs: RuntimeVerbs) {
  return {
    streamPodSandboxes: inParts(
      verbs.listPodSandbox,
      ({ items }) => items,
      (podSandboxes): cri.StreamPodSandboxesResponse => ({ podSandboxes }),
    ),
    streamContainers: inParts(
      verbs.listContainers,
      ({ containers }) => containers,
      (containers): cri.StreamContainersResponse => ({ containers }),
    ),
    streamContainerStats: inParts(
      verbs.listContainerStats,
      ({ stats }) => stats,
      (containerStats): cri.StreamContainerStatsResponse => ({ containerStats }),
    ),
    streamPodSandboxStats: inParts(
      verbs.listPodSandboxStats,
      ({ stats }) => stats,
      (podSandboxStats): cri.StreamPodSandboxStatsResponse => ({ podSandboxStats }),
    ),
    streamPodSandboxMetrics: inParts(
      verbs.listPodSandboxMetrics,
      ({ podMetrics }) => podMetrics,
      (podSandboxMetrics): cri.StreamPodSandboxMetricsResponse => ({ podSandboxMetrics }),
    ),
  };
}

/** The list of ImageService in parts. */
export function streamedImageLists(verbs: ImageVerbs) {
  return {
    streamImages: inParts(
      verbs.listImages,
      ({ images }) => images,
      (images): cri.StreamImagesResponse => ({ images }),
    ),
  };
}

/**
 * A list in parts of a size that every client takes. The end of the stream is the end of the list. Undefined for a list
 * that is not built.
 */
function inParts<Request, Answer, Item, Part>(
  list: Verb<Request, Answer> | undefined,
  itemsOf: (answer: Answer) => Item[],
  partOf: (items: Item[]) => Part,
): StreamVerb<Request, Part> | undefined {
  if (list === undefined) return undefined;
  return async function* (request, ctx) {
    const items = itemsOf(await list(request, ctx));
    for (let at = 0; at < items.length; at += ITEMS_PER_PART) yield partOf(items.slice(at, at + ITEMS_PER_PART));
  };
}
