import { withLimit, type CallContext } from '../lib/call-context';
import { messageOf } from '../lib/errors';
import { problem, type Check, type Finding } from './finding';

/** What takes longer hangs. */
const TIMEOUT_MS = 10_000;

/** What all checks find, in their order. One that fails or hangs is a problem itself, and keeps no other from its work. */
export async function examine(checks: readonly Check[], ctx: CallContext): Promise<Finding[]> {
  const found = await Promise.all(checks.map((check) => examineOne(check, ctx)));
  return found.flat();
}

async function examineOne(check: Check, ctx: CallContext): Promise<readonly Finding[]> {
  try {
    return await withLimit(ctx, TIMEOUT_MS, `looking at ${check.subject}`, (bounded) => check.examine(bounded));
  } catch (error) {
    const advice = 'see whether you are root, and whether what it names can be read';
    return [problem(check.subject, `it can't be looked at: ${messageOf(error)}`, advice)];
  }
}
