import type { ServerResponse } from 'node:http';
import type {
  ContainerInspect,
  ContainerStatusWord,
  ContainerSummary,
  ImageInspect,
  Resources,
} from '../../src/docker/types';
import { FakeEngine, json } from './fake-engine';

export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: number;
  status: ContainerStatusWord;
  exitCode: number;
  /** What it may use. */
  resources: Resources;
}

/** Ids that sort as their numbers do. */
export function idOf(number: number): string {
  return number.toString(16).padStart(64, '0');
}

/** An engine with containers and events, which can stop answering at any point. */
export class FakeNode {
  readonly engine = new FakeEngine();
  private readonly containers = new Map<string, FakeContainer>();
  private readonly listeners = new Set<ServerResponse>();
  images: ImageInspect[] = [];
  /** The inspects that hang just now. */
  unanswered = 0;

  async start(): Promise<void> {
    await this.engine.start();
    this.engine.on('GET /containers/json', (request, reply) => json(this.rows())(request, reply));
    this.engine.on('GET /images/json', (request, reply) => json(this.images)(request, reply));
    this.engine.on('GET /info', json({ DockerRootDir: '/', CgroupDriver: 'cgroupfs', DefaultRuntime: 'runc' }));
    this.tellEvents();
  }

  /** Takes those who ask for events as listeners; so it does from the start. */
  tellEvents(): void {
    this.engine.on('GET /events', (_request, reply) => {
      this.listeners.add(reply.writeHead(200));
      reply.flushHeaders();
      reply.once('close', () => this.listeners.delete(reply));
    });
  }

  /** Ends the streams of events, and takes no more listeners. */
  breakEvents(): void {
    this.engine.on('GET /events', json({ message: 'no events' }, 500));
    for (const listener of this.listeners) listener.destroy();
  }

  sandbox(number: number, status: ContainerStatusWord = 'running'): FakeContainer {
    const labels = { 'io.kubernetes.docker.type': 'podsandbox' };
    return this.add({ number, name: `k8s_POD_pod${number}_ns_uid${number}_0`, labels, status });
  }

  container(number: number, pod: FakeContainer, status: ContainerStatusWord = 'running'): FakeContainer {
    const labels = { 'io.kubernetes.docker.type': 'container', 'io.kubernetes.sandbox.id': pod.id };
    return this.add({ number, name: `k8s_c${number}_pod_ns_uid_0`, labels, status });
  }

  /** One that is nobody's pod's. */
  foreign(number: number): FakeContainer {
    return this.add({ number, name: `foreign${number}`, labels: {}, status: 'running' });
  }

  private add({
    number,
    ...rest
  }: { number: number } & Pick<FakeContainer, 'name' | 'labels' | 'status'>): FakeContainer {
    const added: FakeContainer = { id: idOf(number), createdAt: number, exitCode: 0, resources: {}, ...rest };
    this.containers.set(added.id, added);
    this.answerAbout(added);
    return added;
  }

  /** Answers what it is asked about the container; so it does from the start. */
  answerAbout(container: FakeContainer): void {
    const path = `/containers/${container.id}`;
    this.engine.on(`GET ${path}/json`, (request, reply) => {
      const there = this.containers.has(container.id);
      const answer = there ? json(inspected(container)) : json({ message: `No such container: ${container.id}` }, 404);
      answer(request, reply);
    });
  }

  /** Never answers an inspect of the container. */
  hang(container: FakeContainer): void {
    this.engine.on(`GET /containers/${container.id}/json`, (_request, reply) => {
      this.unanswered += 1;
      reply.once('close', () => (this.unanswered -= 1));
    });
  }

  remove(container: FakeContainer): void {
    this.containers.delete(container.id);
  }

  tell(container: FakeContainer, action: string, attributes: Record<string, string> = {}): void {
    const Actor = { ID: container.id, Attributes: { ...container.labels, name: container.name, ...attributes } };
    this.say({ Type: 'container', Action: action, Actor });
  }

  say(event: object): void {
    const line = JSON.stringify({ ...event, time: Math.floor(Date.now() / 1000) });
    for (const listener of this.listeners) listener.write(`${line}\n`);
  }

  /** How often anything was asked about containers and images, but for the events. */
  get questions(): number {
    return this.engine.seen.filter(({ url }) => /\/(containers|images)\//.test(url)).length;
  }

  /** Its list. */
  rows(): ContainerSummary[] {
    const ours = [...this.containers.values()].filter(({ labels }) => 'io.kubernetes.docker.type' in labels);
    return ours.map(row);
  }
}

/** Its row in Docker's list. */
export function row({ id, name, labels, createdAt, status }: FakeContainer): ContainerSummary {
  return {
    Id: id,
    Names: [`/${name}`],
    Image: 'busybox',
    ImageID: 'sha256:1',
    Created: createdAt,
    State: status,
    Labels: labels,
  };
}

/** What Docker says of the container. */
export function inspected({
  id,
  name,
  labels,
  createdAt,
  status,
  exitCode,
  resources,
}: FakeContainer): ContainerInspect {
  const never = '0001-01-01T00:00:00Z';
  const running = status === 'running' || status === 'paused';
  return {
    Id: id,
    Name: `/${name}`,
    Created: new Date(createdAt * 1000).toISOString(),
    Image: 'sha256:1',
    State: {
      Status: status,
      Running: running,
      OOMKilled: false,
      Pid: running ? 7 : 0,
      ExitCode: exitCode,
      Error: '',
      StartedAt: status === 'created' ? never : new Date(createdAt * 1000 + 1000).toISOString(),
      FinishedAt: status === 'created' || running ? never : new Date(createdAt * 1000 + 2000).toISOString(),
    },
    HostConfig: { ...resources, Runtime: 'runc', NetworkMode: 'default' },
    Config: { Image: 'busybox', Labels: labels },
  };
}
