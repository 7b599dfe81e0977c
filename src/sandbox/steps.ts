/** The steps of the verbs that make and unmake a sandbox, each named as what was just done. */
export const SANDBOX_STEPS = [
  'run:journaled',
  'run:created',
  'run:started',
  'run:resolved',
  'run:attached',
  'run:finished',
  'stop:members',
  'stop:detached',
  'stop:paused',
  'stop:finished',
  'remove:members',
  'remove:detached',
  'remove:paused',
  'remove:finished',
] as const;

export type SandboxStep = (typeof SANDBOX_STEPS)[number];

/**
 * Called after every step, before the next one begins: tests end the process there. `stop:detached` and `stop:paused` may
 * come in any order.
 */
export type OnStep = (step: SandboxStep) => void;
