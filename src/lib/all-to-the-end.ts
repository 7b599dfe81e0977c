/** Does all of the work side by side to its end, and then throws the first failure, if there was one. */
export async function allToTheEnd(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
