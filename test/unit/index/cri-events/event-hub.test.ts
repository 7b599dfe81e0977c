import { ContainerEventResponse } from '../../../../generated/runtime/v1/api';
import { EventHub } from '../../../../src/index/cri-events/event-hub';
import { aCall } from '../../../support/a-call';
import { refusalOf } from '../../../support/refusal';

const event = (number: number) => ContainerEventResponse.fromPartial({ containerId: String(number) });
type Reader = AsyncGenerator<ContainerEventResponse>;

async function take(reader: Reader, count: number): Promise<number[]> {
  const taken: number[] = [];
  for (let at = 0; at < count; at += 1) taken.push(Number((await reader.next()).value.containerId));
  return taken;
}

const between = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

let hub: EventHub;
beforeEach(() => (hub = new EventHub()));
afterEach(() => hub.close());

/** A reader that waits for its first event. */
function waiting(ctx = aCall().ctx): { reader: Reader; first: Promise<IteratorResult<ContainerEventResponse>> } {
  const reader = hub.read(ctx);
  return { reader, first: reader.next() };
}

it('hands every event to every reader, in order', async () => {
  const [one, other] = [waiting(), waiting()];
  between(0, 5).forEach((number) => hub.publish(event(number)));
  for (const { reader, first } of [one, other]) {
    expect((await first).value.containerId).toBe('0');
    expect(await take(reader, 4)).toEqual([1, 2, 3, 4]);
  }
});

it('is not wanted before somebody reads', () => {
  expect(hub.wanted).toBe(false);
  void waiting().first.catch(() => undefined);
  expect(hub.wanted).toBe(true);
});

it('keeps what a reader has not taken for the next one, and what happens until it comes', async () => {
  const { reader, first } = waiting();
  between(0, 4).forEach((number) => hub.publish(event(number)));
  await first;
  expect(await take(reader, 1)).toEqual([1]);
  await reader.return(undefined);
  hub.publish(event(4));
  // The last one was handed over, but who knows whether it arrived.
  expect(await take(hub.read(aCall().ctx), 4)).toEqual([1, 2, 3, 4]);
});

it('keeps nothing when there is another reader', async () => {
  const [one, other] = [waiting(), waiting()];
  hub.publish(event(0));
  await Promise.all([one.first, other.first]);
  await one.reader.return(undefined);
  hub.publish(event(1));
  const late = waiting();
  hub.publish(event(2));
  expect((await late.first).value.containerId).toBe('2');
  expect(await take(other.reader, 2)).toEqual([1, 2]);
});

it('tells a slow reader after what it could keep, and goes on for others', async () => {
  const slow = waiting();
  hub.publish(event(0));
  await slow.first;
  between(1, 1100).forEach((number) => hub.publish(event(number)));
  expect(await take(slow.reader, 999)).toEqual(between(1, 1000));
  expect(await refusalOf(slow.reader.next())).toMatch(/^ResourceExhausted: events were missed/);
  const next = waiting();
  hub.publish(event(2000));
  expect((await next.first).value.containerId).toBe('2000');
});

it('tells a reader that comes back too late', async () => {
  const { reader, first } = waiting();
  hub.publish(event(0));
  await first;
  await reader.return(undefined);
  between(1, 1100).forEach((number) => hub.publish(event(number)));
  const back = hub.read(aCall().ctx);
  expect(await take(back, 1000)).toEqual(between(0, 1000));
  expect(await refusalOf(back.next())).toMatch(/^ResourceExhausted/);
});

it('tells readers what cannot be told', async () => {
  const { first } = waiting();
  hub.miss('there was too much');
  expect(await refusalOf(first)).toMatch(/^ResourceExhausted: events were missed: there was too much/);
});

it('ends with its call, and with the shim', async () => {
  const call = aCall();
  const { first } = waiting(call.ctx);
  call.cancel();
  await expect(first).rejects.toBe(call.reason);
  const other = waiting();
  hub.close();
  expect(await refusalOf(other.first)).toBe('Unavailable: the shim is stopping');
  expect(await refusalOf(hub.read(aCall().ctx).next())).toBe('Unavailable: the shim is stopping');
});
