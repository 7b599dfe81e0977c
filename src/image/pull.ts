import type { PullImageRequest, PullImageResponse } from '../../generated/runtime/v1/api';
import type { Engine } from '../docker/engine';
import type { EngineFacts } from '../docker/engine-facts';
import { answerToError } from '../docker/errors';
import { jsonLines } from '../docker/json-lines';
import type { PullProgress, RegistryAuth } from '../docker/types';
import type { ImageIndex } from '../index/image-index';
import { throwIfEnded, withLimit, type CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';
import { SingleFlight } from '../lib/single-flight';
import { canonical, requestedReference, type ImageId, type ImageName } from '../translate/image-reference';
import { isMeantFor, registryAuth } from './credentials';
import { pullFailure } from './pull-failure';
import { watchForStall } from './stall-watch';

/** How long the engine may take to say where it keeps images, in milliseconds. */
const FACTS_PATIENCE_MS = 2_000;

export interface PullNeeds {
  readonly engine: Pick<Engine, 'pullImage' | 'inspectImage'>;
  readonly images: Pick<ImageIndex, 'refresh'>;
  readonly facts: (ctx: CallContext) => Promise<Pick<EngineFacts, 'imagesInContainerd'>>;
  /** How long a pull may make no progress, in milliseconds, greater than 0. */
  readonly pullProgressDeadlineMs: number;
}

/**
 * PullImage: one tag or one digest, never a whole repository. The digest wins over a tag beside it. Identical requests
 * (the same image, the same credentials) share one pull, which ends when the last of their callers has left.
 * The answer is Docker's image id, the one that Image.id has.
 * @throws ShimError InvalidArgument, and what pull-failure.ts makes of Docker's words
 */
export function pullImage(
  needs: PullNeeds,
): (request: PullImageRequest, ctx: CallContext) => Promise<PullImageResponse> {
  const pulls = new SingleFlight<string>();
  return async (request, ctx) => {
    const reference = requestedReference(request.image);
    if (reference.kind === 'id') throw noPullOf(reference);
    const auth = credentialsFor(request, reference, ctx);
    const key = JSON.stringify([canonical(reference), auth]);
    const othersUnderWay = (): boolean => pulls.size > 1;
    return { imageRef: await pulls.run(ctx, key, (shared) => pull(needs, shared, reference, auth, othersUnderWay)) };
  };
}

/** Also of an image that is there: a pull is how a kubelet finds out whether a pod's credentials are good for it. */
function noPullOf({ id }: ImageId): ShimError {
  const what = `image ${id}: an id can't be pulled; name the image's repository and its tag or digest`;
  return new ShimError('InvalidArgument', what);
}

function credentialsFor(request: PullImageRequest, reference: ImageName, ctx: CallContext): RegistryAuth | undefined {
  const auth = registryAuth(request.auth, reference.registry);
  if (auth === undefined || isMeantFor(request.auth?.serverAddress ?? '', reference.registry)) return auth;
  // Without the address: it may have a password in it.
  ctx.log.warn('credentials for another registry are not sent', { image: canonical(reference) });
  return undefined;
}

/** Most engines keep them elsewhere, and a pull does not wait for one that is slow to tell. */
async function areInContainerd({ facts }: PullNeeds, ctx: CallContext): Promise<boolean> {
  try {
    return (await withLimit(ctx, FACTS_PATIENCE_MS, 'asking where images are kept', facts)).imagesInContainerd;
  } catch {
    throwIfEnded(ctx);
    return false;
  }
}

async function pull(
  needs: PullNeeds,
  ctx: CallContext,
  reference: ImageName,
  auth: RegistryAuth | undefined,
  othersUnderWay: () => boolean,
): Promise<string> {
  const image = canonical(reference);
  const imagesInContainerd = await areInContainerd(needs, ctx);
  const deadlineMs = needs.pullProgressDeadlineMs;
  const watch = watchForStall(ctx, { image, imagesInContainerd, deadlineMs, othersUnderWay });
  try {
    for await (const line of jsonLines<PullProgress>(await needs.engine.pullImage(watch, image, auth))) {
      const failure = line.errorDetail?.message ?? line.error;
      if (failure !== undefined) throw answerToError(500, failure);
      watch.saw(line);
    }
  } catch (error) {
    if (watch.signal.aborted) throw watch.signal.reason;
    throw pullFailure(image, error);
  } finally {
    watch.dispose();
  }
  const [{ Id: id }] = await Promise.all([needs.engine.inspectImage(ctx, image), needs.images.refresh(ctx)]);
  ctx.log.info('pulled an image', { image, id });
  return id;
}
