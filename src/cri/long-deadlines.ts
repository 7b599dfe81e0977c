import { BaseServerInterceptingCall } from '@grpc/grpc-js/build/src/server-interceptors';
import { LONGEST_TIMER_MS } from '../lib/call-context';

/** What grpc-js does with a call's `grpc-timeout`. */
interface ReadsTimeout {
  handleTimeoutHeader(timeout: string | Buffer): void;
}

/** Milliseconds of the units of `grpc-timeout` that can be too long (gRPC over HTTP/2, "Requests"). */
const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000 };

const BOUNDED = Symbol('reads long deadlines');

/**
 * Makes grpc-js, for the whole process, take a deadline that is too far for a timer for the farthest that is not, 24 days.
 * By itself it counts the milliseconds in 32 bits: those of 25 days come out negative, and the call ends at once. A kubelet
 * gives StopContainer two minutes more than the pod's grace, which may be 30 days. To be called once; again does nothing.
 */
export function readLongDeadlines(): void {
  const calls = BaseServerInterceptingCall.prototype as unknown as ReadsTimeout;
  const read = calls.handleTimeoutHeader;
  if (BOUNDED in read) return;
  const readBounded = function (this: ReadsTimeout, timeout: string | Buffer): void {
    read.call(this, isTooLong(timeout.toString()) ? `${Math.floor(LONGEST_TIMER_MS / 1000)}S` : timeout);
  };
  calls.handleTimeoutHeader = Object.assign(readBounded, { [BOUNDED]: true });
}

function isTooLong(timeout: string): boolean {
  const [, value, unit = ''] = /^(\d{1,8})([HMS])$/.exec(timeout) ?? [];
  return Number(value) * (UNIT_MS[unit] ?? 0) > LONGEST_TIMER_MS;
}
