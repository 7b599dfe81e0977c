import { ok, type Finding } from './finding';

/** The image of the pause containers is never a reason to fail: a built-in one serves when it can't be had. */
export async function pauseImageFinding(
  configured: string,
  isPresent: (reference: string) => Promise<boolean>,
): Promise<Finding> {
  if (await isPresent(configured)) return ok('pause image', `${configured} is on this node`);
  return ok('pause image', `${configured} is not on this node: it is pulled, or else the built-in one serves`);
}
