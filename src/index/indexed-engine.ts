import type { EngineConnection } from '../docker/connection';
import { DockerodeEngine } from '../docker/dockerode-engine';
import type { ContainerCreate, Resources } from '../docker/types';
import type { CallContext } from '../lib/call-context';
import { isNotFound } from '../lib/errors';
import { hasResources } from '../translate/resources';
import type { ContainerIndex } from './container-index';
import type { ImageIndex } from './image-index';
import { isCreated, type NodeRecord } from './node-record';

/**
 * The engine for those who change something: when a call returns, whether it went well or not, the index shows what it
 * did, or lets its readers wait until it does. So a client reads what it has written. A pull is over with the last of its
 * lines, so its reader tells the index.
 */
export class IndexedEngine extends DockerodeEngine {
  constructor(
    connection: EngineConnection,
    private readonly index: Pick<ContainerIndex, 'shows' | 'showsReaders' | 'gone'>,
    private readonly images: Pick<ImageIndex, 'refresh'>,
  ) {
    super(connection);
  }

  override async createContainer(ctx: CallContext, name: string, body: ContainerCreate): Promise<string> {
    const id = await super.createContainer(ctx, name, body);
    await this.index.shows(ctx, id, () => true);
    return id;
  }

  override async startContainer(ctx: CallContext, id: string): Promise<void> {
    try {
      await super.startContainer(ctx, id);
    } finally {
      await this.index.shows(ctx, id, wasStarted);
    }
  }

  override async stopContainer(ctx: CallContext, id: string, graceSeconds: number): Promise<void> {
    try {
      await super.stopContainer(ctx, id, graceSeconds);
    } finally {
      await this.index.shows(ctx, id, (record) => !record.running);
    }
  }

  override async removeContainer(ctx: CallContext, id: string, options: { force: boolean }): Promise<void> {
    try {
      await super.removeContainer(ctx, id, options);
      this.index.gone(id);
    } catch (error) {
      if (isNotFound(error)) this.index.gone(id);
      else await this.index.shows(ctx, id, () => false);
      throw error;
    }
  }

  override async updateContainer(ctx: CallContext, id: string, resources: Resources): Promise<void> {
    try {
      await super.updateContainer(ctx, id, resources);
    } finally {
      // The caller has its answer; what is in force is asked later, and more seldom than changed.
      this.index.showsReaders(id, (record) => showsResources(record, resources));
    }
  }

  override async loadImage(ctx: CallContext, archive: Buffer): Promise<void> {
    await super.loadImage(ctx, archive);
    await this.images.refresh(ctx);
  }

  override async removeImage(ctx: CallContext, reference: string): Promise<void> {
    try {
      await super.removeImage(ctx, reference);
    } finally {
      await this.images.refresh(ctx);
    }
  }
}

function showsResources(record: NodeRecord, asked: Resources): boolean {
  const known = record.kind === 'container' ? record.status.resources?.linux : undefined;
  return known !== undefined && hasResources(known, asked);
}

/** A start that failed counts: such a container has ended. */
function wasStarted(record: NodeRecord): boolean {
  return record.kind === 'podsandbox' ? record.running : !isCreated(record);
}
