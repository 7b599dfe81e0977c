import { ShimError } from '../../lib/errors';

/** The peer broke SPDY's rules: its connection ends, and nothing else. The only error that bytes from a peer can cause. */
export class SpdyProtocolError extends ShimError {
  constructor(sentence: string, cause?: unknown) {
    super('InvalidArgument', `the SPDY peer broke the protocol: ${sentence}`, cause);
    this.name = 'SpdyProtocolError';
  }
}
