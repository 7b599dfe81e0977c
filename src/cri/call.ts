import type { CallContext } from '../lib/call-context';

/** The two versions of the interface that the shim speaks. */
export type CriVersion = 'v1' | 'v1alpha2';

/** How a CRI call with one request and one answer is carried out. */
export type Verb<Request, Response> = (request: Request, ctx: CallContext) => Promise<Response>;

/** How a CRI call with one request and an answer in parts is carried out. */
export type StreamVerb<Request, Response> = (request: Request, ctx: CallContext) => AsyncIterable<Response>;

/**
 * How a CRI call with one request and one long list is carried out: the parts are lists of some of it, made one after
 * the other, so that the whole is never in memory but encoded.
 */
export type ListVerb<Request, Response> = StreamVerb<Request, Response>;
