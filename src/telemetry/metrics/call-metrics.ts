import { Counter, Histogram, type Instrument } from './instruments';

/** Upper ends in seconds: a list from memory takes one millisecond, a pull takes minutes. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Counts calls of one kind and their times: the CRI calls that are answered, the requests that Docker is sent. */
export class CallMetrics {
  private readonly calls: Counter;
  private readonly seconds: Histogram;

  constructor(names: { readonly calls: string; readonly seconds: string; readonly what: string; readonly by: string }) {
    this.calls = new Counter(names.calls, `${names.what}, by their outcome.`, [names.by, 'code']);
    this.seconds = new Histogram(names.seconds, `How long they took: ${names.what}.`, [names.by], BUCKETS);
  }

  ended(name: string, code: string, milliseconds: number): void {
    this.calls.add([name, code]);
    this.seconds.observe([name], milliseconds / 1000);
  }

  instruments(): Instrument[] {
    return [this.calls, this.seconds];
  }
}

export function criCallMetrics(): CallMetrics {
  return new CallMetrics({
    calls: 'dockershim_cri_calls_total',
    seconds: 'dockershim_cri_call_duration_seconds',
    what: 'CRI calls answered',
    by: 'method',
  });
}

export function engineRequestMetrics(): CallMetrics {
  return new CallMetrics({
    calls: 'dockershim_engine_requests_total',
    seconds: 'dockershim_engine_request_duration_seconds',
    what: 'Requests sent to the Docker Engine',
    by: 'operation',
  });
}
