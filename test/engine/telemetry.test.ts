import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { RuntimeServiceService as Runtime } from '../../generated/runtime/v1/api';
import { ShimUnderTest } from '../support/shim-under-test';
import { TestPods } from '../support/test-pods';
import { TraceCollector } from '../support/trace-collector';

jest.setTimeout(60_000);

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const KUBELET_SPAN = 'b7ad6b7169203331';

let collector: TraceCollector;
let shim: ShimUnderTest;
let base: string;

beforeAll(async () => {
  collector = await TraceCollector.start();
  const address = `127.0.0.1:${await freePort()}`;
  base = `http://${address}`;
  shim = await ShimUnderTest.start(
    '--network-plugin=bridge',
    `--metrics-bind-addr=${address}`,
    `--tracing-endpoint=${collector.endpoint}`,
  );
});

afterAll(async () => {
  await shim.stop();
  await collector.stop();
});

it('counts and times CRI calls and what they ask of Docker', async () => {
  const pods = await TestPods.over(shim);
  await pods.run();
  await expect(shim.call(Runtime.podSandboxStatus, { podSandboxId: 'e'.repeat(64), verbose: false })).rejects.toThrow();

  const metrics = await (await fetch(`${base}/metrics`)).text();

  expect(metrics).toMatch(/^dockershim_cri_calls_total\{method="RunPodSandbox",code="OK"\} 1$/m);
  expect(metrics).toMatch(/^dockershim_cri_calls_total\{method="PodSandboxStatus",code="NotFound"\} 1$/m);
  expect(metrics).toMatch(/^dockershim_cri_call_duration_seconds_count\{method="RunPodSandbox"\} 1$/m);
  expect(metrics).toMatch(
    /^dockershim_engine_requests_total\{operation="POST \/containers\/create",code="OK"\} [1-9]\d*$/m,
  );
  expect(metrics).toMatch(/^process_resident_memory_bytes [1-9]\d{6,}$/m);
});

it('is healthy and ready beside its engine', async () => {
  const statuses = await Promise.all(
    ['healthz', 'readyz'].map(async (path) => (await fetch(`${base}/${path}`)).status),
  );
  expect(statuses).toEqual([200, 200]);
});

it("continues the kubelet's trace down to Docker", async () => {
  const headers = { traceparent: `00-${TRACE}-${KUBELET_SPAN}-01` };
  await shim.call(Runtime.status, { verbose: false }, { headers });
  await shim.call(Runtime.version, { version: '' });
  // What is left is sent at the end.
  await shim.restart();

  const call = collector.spans.find(({ name }) => name === 'runtime.v1.RuntimeService/Status');
  expect(call).toMatchObject({ traceId: TRACE, parentSpanId: KUBELET_SPAN });
  expect(collector.spans.find(({ name }) => name === 'docker GET /_ping')).toMatchObject({
    traceId: TRACE,
    parentSpanId: call?.spanId,
  });
  // Nobody asked for the others.
  expect(collector.spans.filter(({ traceId }) => traceId !== TRACE)).toEqual([]);
});

/** Free a moment ago, which is as sure as it gets. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
