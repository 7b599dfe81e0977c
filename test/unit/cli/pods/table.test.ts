import fc from 'fast-check';
import type { NodeContainer, NodePod } from '../../../../src/cli/pods/node-pods';
import { podTable, type Style } from '../../../../src/cli/pods/table';

const NOW = Date.UTC(2026, 0, 2);
const ago = (seconds: number) => BigInt(NOW - seconds * 1000) * 1_000_000n;
const plain = (_: Style, text: string) => text;

function container(fields: Partial<NodeContainer>): NodeContainer {
  const image = 'registry.example/app:1';
  return { id: 'c', name: 'app', attempt: 0, state: 'running', image, createdAt: ago(60), ...fields };
}

function pod(fields: Partial<NodePod>): NodePod {
  const base = {
    id: 'p',
    namespace: 'shop',
    name: 'web-0',
    uid: 'u',
    attempt: 0,
    state: 'ready',
    addresses: [],
  } as const;
  return { ...base, createdAt: ago(7200), containers: [], ...fields };
}

const PODS: readonly NodePod[] = [
  pod({
    addresses: ['10.1.0.5', 'fd00::5'],
    containers: [
      container({ attempt: 2, logLag: 3_000_000, image: 'sha256:' + '0123456789ab'.repeat(6).slice(0, 64) }),
      container({ attempt: 1, state: 'exited', exitCode: 1, reason: 'Error' }),
      container({ name: 'sidecar', state: 'exited', exitCode: 137, reason: 'OOMKilled' }),
      container({ name: 'init', state: 'exited', exitCode: 0, reason: 'Completed' }),
      container({ name: 'later', state: 'created' }),
    ],
  }),
  pod({ name: 'web-1', state: 'notready', attempt: 1 }),
];

it('shows each pod with its containers, of each the newest attempt', () => {
  expect(podTable(PODS, { now: NOW, paint: plain })).toEqual([
    'POD, CONTAINER   STATE                  RESTARTS   AGE   LOG LAG    ADDRESS, IMAGE',
    'shop/web-0       ready                  0          2h               10.1.0.5 fd00::5',
    '  app            running                2          1m    2.86 MiB   0123456789ab',
    '  sidecar        exited 137 OOMKilled   0          1m               registry.example/app:1',
    '  init           exited 0               0          1m               registry.example/app:1',
    '  later          created                0          1m               registry.example/app:1',
    'shop/web-1       notready               1          2h',
  ]);
});

it('cuts the last column, and then the names, where the terminal is narrow', () => {
  const long = pod({ name: 'a-pod-with-quite-a-long-name-7f9c5', containers: [container({})] });
  expect(podTable([long], { now: NOW, paint: plain, width: 72 })).toEqual([
    'POD, CONTAINER      STATE     RESTARTS   AGE   LOG LAG   ADDRESS, IMAGE',
    'shop/a-pod-with-…   ready     0          2h',
    '  app               running   0          1m              ….example/app:1',
  ]);
});

it('fits any terminal that has room for the columns between', () => {
  const name = fc.stringMatching(/^[a-z]{1,60}$/);
  fc.assert(
    fc.property(fc.array(fc.record({ name, image: name })), fc.integer({ min: 62, max: 200 }), (list, width) => {
      const pods = list.map(({ name, image }) => pod({ name, containers: [container({ name, image })] }));
      for (const line of podTable(pods, { now: NOW, paint: plain, width })) {
        expect(line.length).toBeLessThanOrEqual(width);
        expect(line).not.toMatch(/ $/);
      }
    }),
  );
});

it('colours words, not the blanks between', () => {
  const paint = (style: Style, text: string) => (style === 'plain' ? text : `<${style}>${text}</>`);
  const [, first, , second] = podTable(PODS, { now: NOW, paint });
  expect(first).toBe(
    '<pod>shop/web-0</>       <good>ready</>                  0          2h               <faint>10.1.0.5 fd00::5</>',
  );
  expect(second).toContain('  sidecar        <bad>exited 137 OOMKilled</>   0');
});
