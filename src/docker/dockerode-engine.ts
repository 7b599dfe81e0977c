import Docker from 'dockerode';
import type { Duplex, Readable } from 'node:stream';
import type { CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';
import { compareApiVersions } from './api-version';
import type { EngineConnection } from './connection';
import type { Engine } from './engine';
import type { EngineEvent } from './engine-event';
import { jsonLines } from './json-lines';
import { Modem } from './modem';
import type {
  ContainerCreate,
  ContainerInspect,
  ContainerSummary,
  DiskUsage,
  EngineInfo,
  EngineVersion,
  ExecCreate,
  ExecInspect,
  ImageHistoryEntry,
  ImageInspect,
  ImageSummary,
  PullProgress,
  RegistryAuth,
  Resources,
  TerminalExtent,
} from './types';

/**
 * The Engine on dockerode. Where dockerode drops something that is needed (the warnings of a create, the query of
 * /system/df, the signal of an image's history), takes no answer but JSON or adds something that is not, the call goes
 * to the connection directly.
 */
export class DockerodeEngine implements Engine {
  private readonly docker: Docker;

  constructor(private readonly connection: EngineConnection) {
    this.docker = new Docker({ modem: new Modem(connection) });
  }

  async ping(ctx: CallContext): Promise<void> {
    await this.connection.text({ method: 'GET', path: '/_ping', signal: ctx.signal });
  }

  async version(ctx: CallContext): Promise<EngineVersion> {
    return (await this.docker.version({ abortSignal: ctx.signal })) as EngineVersion;
  }

  async info(ctx: CallContext): Promise<EngineInfo> {
    return (await this.docker.info({ abortSignal: ctx.signal })) as EngineInfo;
  }

  async diskUsage(ctx: CallContext): Promise<DiskUsage> {
    // API 1.41 counts volumes too, which nobody asked for and which may take long.
    const query = compareApiVersions(await this.apiVersion(ctx), '1.42') >= 0 ? { type: ['image', 'container'] } : {};
    const call = { method: 'GET', path: '/system/df', query, signal: ctx.signal };
    return (await this.connection.json(call)) as DiskUsage;
  }

  apiVersion(ctx: CallContext): Promise<string> {
    return this.connection.apiVersion(ctx.signal);
  }

  get generation(): number {
    return this.connection.generation;
  }

  async events(
    ctx: CallContext,
    query: { since: number | undefined; types: readonly string[]; actions: readonly string[] },
  ): Promise<AsyncIterable<EngineEvent>> {
    const filters = { type: query.types, event: query.actions };
    const call = { method: 'GET', path: '/events', query: { since: query.since, filters }, signal: ctx.signal };
    return jsonLines<EngineEvent>(await this.connection.stream(call));
  }

  async listContainers(ctx: CallContext, filter: { labels: readonly string[] }): Promise<ContainerSummary[]> {
    const query = { all: 1, filters: { label: filter.labels } };
    return (await this.docker.listContainers({ _query: query, abortSignal: ctx.signal })) as ContainerSummary[];
  }

  async inspectContainer(ctx: CallContext, id: string): Promise<ContainerInspect> {
    return (await this.docker.getContainer(id).inspect({ abortSignal: ctx.signal })) as ContainerInspect;
  }

  async createContainer(ctx: CallContext, name: string, body: ContainerCreate): Promise<string> {
    const answer = (await this.postJson(ctx, '/containers/create', body, { name })) as {
      Warnings?: readonly string[] | null;
    };
    const id = idIn(answer, `container it made as ${name}`);
    for (const warning of answer.Warnings ?? []) ctx.log.warn('docker warns about a new container', { name, warning });
    return id;
  }

  async startContainer(ctx: CallContext, id: string): Promise<void> {
    await this.docker.getContainer(id).start({ abortSignal: ctx.signal });
  }

  async stopContainer(ctx: CallContext, id: string, graceSeconds: number): Promise<void> {
    await this.docker.getContainer(id).stop({ _query: { t: graceSeconds }, abortSignal: ctx.signal });
  }

  async removeContainer(ctx: CallContext, id: string, options: { force: boolean }): Promise<void> {
    const query = { v: true, force: options.force };
    await this.docker.getContainer(id).remove({ _query: query, abortSignal: ctx.signal });
  }

  async updateContainer(ctx: CallContext, id: string, resources: Resources): Promise<void> {
    await this.docker.getContainer(id).update({ _body: resources, abortSignal: ctx.signal });
  }

  /** HEAD would do, but leaves out Docker's reasons; so the archive is asked for, and not read. */
  async findInContainer(ctx: CallContext, id: string, path: string): Promise<void> {
    (await this.containerArchive(ctx, id, path)).destroy();
  }

  containerArchive(ctx: CallContext, id: string, path: string): Promise<Readable> {
    const call = { method: 'GET', path: `/containers/${id}/archive`, query: { path }, signal: ctx.signal };
    return this.connection.stream(call);
  }

  followLogs(ctx: CallContext, id: string, since: string | undefined): Promise<Readable> {
    const query = { stdout: 1, stderr: 1, timestamps: 1, follow: 1, since };
    return this.connection.stream({ method: 'GET', path: `/containers/${id}/logs`, query, signal: ctx.signal });
  }

  async createExec(ctx: CallContext, containerId: string, body: ExecCreate): Promise<string> {
    const answer = await this.postJson(ctx, `/containers/${containerId}/exec`, body);
    return idIn(answer, `exec it made in container ${containerId}`);
  }

  async startExec(ctx: CallContext, execId: string, options: { tty: boolean }): Promise<Duplex> {
    const body = { Detach: false, Tty: options.tty };
    return await this.docker.getExec(execId).start({ hijack: true, _body: body, abortSignal: ctx.signal });
  }

  async inspectExec(ctx: CallContext, execId: string): Promise<ExecInspect> {
    return (await this.docker.getExec(execId).inspect({ abortSignal: ctx.signal })) as ExecInspect;
  }

  resizeExec(ctx: CallContext, execId: string, size: TerminalExtent): Promise<void> {
    return this.resize(ctx, `/exec/${execId}/resize`, size);
  }

  /** Not through dockerode: it sends the options as a body too, which the container then reads as its input. */
  attachContainer(
    ctx: CallContext,
    id: string,
    options: { readonly stdin: boolean; readonly detachKeys: string },
  ): Promise<Duplex> {
    const { stdin, detachKeys } = options;
    const query = { stream: 1, stdin: stdin ? 1 : 0, stdout: 1, stderr: 1, logs: 0, detachKeys };
    return this.connection.hijack({ method: 'POST', path: `/containers/${id}/attach`, query, signal: ctx.signal });
  }

  resizeContainer(ctx: CallContext, id: string, size: TerminalExtent): Promise<void> {
    return this.resize(ctx, `/containers/${id}/resize`, size);
  }

  async listImages(ctx: CallContext): Promise<ImageSummary[]> {
    return (await this.docker.listImages({ abortSignal: ctx.signal })) as ImageSummary[];
  }

  async inspectImage(ctx: CallContext, reference: string): Promise<ImageInspect> {
    return (await this.docker.getImage(reference).inspect({ abortSignal: ctx.signal })) as ImageInspect;
  }

  async imageHistory(ctx: CallContext, reference: string): Promise<ImageHistoryEntry[]> {
    const path = `/images/${reference}/history`;
    return (await this.connection.json({ method: 'GET', path, signal: ctx.signal })) as ImageHistoryEntry[];
  }

  async pullImage(ctx: CallContext, reference: string, auth: RegistryAuth | undefined): Promise<Readable> {
    return await this.docker.createImage(auth, { _query: { fromImage: reference }, abortSignal: ctx.signal });
  }

  async loadImage(ctx: CallContext, archive: Buffer): Promise<void> {
    const answer = await this.docker.loadImage(archive, { _query: { quiet: true }, abortSignal: ctx.signal });
    for await (const line of jsonLines<PullProgress>(answer)) {
      const failure = line.errorDetail?.message ?? line.error;
      if (failure !== undefined) throw new ShimError('Internal', `docker could not load the image: ${failure}`);
    }
  }

  async removeImage(ctx: CallContext, reference: string): Promise<void> {
    await this.docker.getImage(reference).remove({ abortSignal: ctx.signal });
  }

  private postJson(ctx: CallContext, path: string, body: object, query?: Record<string, string>): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const call = { method: 'POST', path, query, headers, body: JSON.stringify(body), signal: ctx.signal };
    return this.connection.json(call);
  }

  private async resize(ctx: CallContext, path: string, { height, width }: TerminalExtent): Promise<void> {
    await this.connection.json({ method: 'POST', path, query: { h: height, w: width }, signal: ctx.signal });
  }
}

function idIn(answer: unknown, what: string): string {
  const id = typeof answer === 'object' && answer !== null && 'Id' in answer ? answer.Id : undefined;
  if (typeof id === 'string' && id !== '') return id;
  throw new ShimError('Internal', `docker did not say which ${what}`);
}
