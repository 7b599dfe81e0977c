const LOOK_MS = 5;

/** Waits until it holds. It has no end of its own: a test that never sees it ends at jest's. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
