import { ShimError } from '../../src/lib/errors';

/** What `work` refuses with, as `Kind: sentence`. A result, or an error that is no ShimError, fails the test. */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return asText(error);
  }
  throw new Error('nothing was refused');
}

/** The same for work that answers later. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  return asText(error);
}

function asText(error: unknown): string {
  if (!(error instanceof ShimError)) throw error;
  return `${error.kind}: ${error.message}`;
}
