import { CONTAINER } from './container';
import type { Messages } from './field';
import { OTHER_CALLS } from './other-calls';
import { RESOURCES } from './resources';
import { SANDBOX } from './sandbox';
import { SECURITY } from './security';

/** Every message of a request, and every field of it. */
export const FIELDS: Messages = { ...SANDBOX, ...SECURITY, ...CONTAINER, ...RESOURCES, ...OTHER_CALLS };
