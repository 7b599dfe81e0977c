import Docker from 'dockerode';
import type { Duplex, Readable } from 'node:stream';
import type { CallContext } from '../lib/call-context';
import { ShimError } from '../lib/errors';
import type { EngineConnection } from './connection';
import { compareApiVersions } from './api-version';
import type { Engine } from './engine';
import { Modem } from './modem';
import { progressLines } from './progress';
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
  RegistryAuth,
  Resources,
} from './types';

/**
 * The Engine on dockerode. Where dockerode drops something that is needed (the warnings of a create, a query of
 * /system/df, the signal of an image's history), the call goes to the connection directly.
 */
export class DockerodeEngine implements Engine {
  private readonly docker: Docker;

  constructor(private readonly connection: EngineConnection) {
    this.docker = new Docker({ modem: new Modem(connection) });
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

  async listContainers(ctx: CallContext, filter: { labels: readonly string[] }): Promise<ContainerSummary[]> {
    const query = { all: 1, filters: { label: filter.labels } };
    return (await this.docker.listContainers({ _query: query, abortSignal: ctx.signal })) as ContainerSummary[];
  }

  async inspectContainer(ctx: CallContext, id: string): Promise<ContainerInspect> {
    return (await this.docker.getContainer(id).inspect({ abortSignal: ctx.signal })) as ContainerInspect;
  }

  async createContainer(ctx: CallContext, name: string, body: ContainerCreate): Promise<string> {
    const answer = (await this.connection.json({
      method: 'POST',
      path: '/containers/create',
      query: { name },
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: ctx.signal,
    })) as { Id?: string; Warnings?: readonly string[] | null } | undefined;
    if (!answer?.Id) throw new ShimError('Internal', `docker did not say which container it made as ${name}`);
    for (const warning of answer.Warnings ?? []) ctx.log.warn('docker warns about a new container', { name, warning });
    return answer.Id;
  }

  async startContainer(ctx: CallContext, id: string): Promise<void> {
    await this.docker.getContainer(id).start({ abortSignal: ctx.signal });
  }

  async stopContainer(ctx: CallContext, id: string, graceSeconds: number): Promise<void> {
    await this.docker.getContainer(id).stop({ _query: { t: graceSeconds }, abortSignal: ctx.signal });
  }

  async killContainer(ctx: CallContext, id: string, signal: string): Promise<void> {
    await this.docker.getContainer(id).kill({ _query: { signal }, abortSignal: ctx.signal });
  }

  async removeContainer(ctx: CallContext, id: string, options: { force: boolean }): Promise<void> {
    const query = { v: true, force: options.force };
    await this.docker.getContainer(id).remove({ _query: query, abortSignal: ctx.signal });
  }

  async updateContainer(ctx: CallContext, id: string, resources: Resources): Promise<void> {
    await this.docker.getContainer(id).update({ _body: resources, abortSignal: ctx.signal });
  }

  async createExec(ctx: CallContext, containerId: string, body: ExecCreate): Promise<string> {
    const exec = await this.docker.getContainer(containerId).exec({ _body: body, abortSignal: ctx.signal });
    return exec.id;
  }

  async startExec(ctx: CallContext, execId: string, options: { tty: boolean }): Promise<Duplex> {
    const body = { Detach: false, Tty: options.tty };
    return await this.docker.getExec(execId).start({ hijack: true, _body: body, abortSignal: ctx.signal });
  }

  async inspectExec(ctx: CallContext, execId: string): Promise<ExecInspect> {
    return (await this.docker.getExec(execId).inspect({ abortSignal: ctx.signal })) as ExecInspect;
  }

  async listImages(ctx: CallContext, filter: { reference?: string }): Promise<ImageSummary[]> {
    const query = filter.reference === undefined ? {} : { filters: { reference: [filter.reference] } };
    return (await this.docker.listImages({ _query: query, abortSignal: ctx.signal })) as ImageSummary[];
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
    for await (const line of progressLines(answer)) {
      const failure = line.errorDetail?.message ?? line.error;
      if (failure !== undefined) throw new ShimError('Internal', `docker could not load the image: ${failure}`);
    }
  }

  async removeImage(ctx: CallContext, reference: string, options: { force: boolean }): Promise<void> {
    await this.docker.getImage(reference).remove({ _query: { force: options.force }, abortSignal: ctx.signal });
  }
}
