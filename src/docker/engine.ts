import type { Duplex, Readable } from 'node:stream';
import type { CallContext } from '../lib/call-context';
import type { EngineEvent } from './engine-event';
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
  TerminalExtent,
} from './types';

/**
 * The one door to Docker: the calls that the shim makes, and no others. A verb asks for the few that it uses
 * (`Pick<Engine, 'stopContainer'>`). Every call ends with its context; failures are ShimErrors: NotFound (404),
 * AlreadyExists (a taken name), FailedPrecondition (409), InvalidArgument (400), Unavailable (the engine can't be
 * reached or hung up), Internal (what Docker calls a server error).
 */
export interface Engine {
  /** Whether it answers at all, at next to no cost; `version` makes it ask its runtimes for theirs. */
  ping(ctx: CallContext): Promise<void>;
  version(ctx: CallContext): Promise<EngineVersion>;
  info(ctx: CallContext): Promise<EngineInfo>;
  diskUsage(ctx: CallContext): Promise<DiskUsage>;
  /** The negotiated API version, such as `1.41`. */
  apiVersion(ctx: CallContext): Promise<string>;
  /** Changes when the engine may have been restarted or replaced: what was known of it must be asked again. */
  readonly generation: number;

  /**
   * What happens from `since` on (whole seconds since 1970; undefined: from now on), as it happens; ends or throws when
   * the engine hangs up. Read without a pause: Docker drops events that a reader is slow to take, without a word.
   */
  events(
    ctx: CallContext,
    query: { since: number | undefined; types: readonly string[]; actions: readonly string[] },
  ): Promise<AsyncIterable<EngineEvent>>;

  /** Running or not. `labels` are `key` or `key=value`, all of which must match. */
  listContainers(ctx: CallContext, filter: { labels: readonly string[] }): Promise<ContainerSummary[]>;
  inspectContainer(ctx: CallContext, id: string): Promise<ContainerInspect>;
  /** Answers the new container's id. The engine's warnings go to the log. */
  createContainer(ctx: CallContext, name: string, body: ContainerCreate): Promise<string>;
  /** Succeeds when it runs already. */
  startContainer(ctx: CallContext, id: string): Promise<void>;
  /**
   * Sends the stop signal and, after `graceSeconds`, SIGKILL; returns when it is dead. Succeeds when it is not
   * running.
   */
  stopContainer(ctx: CallContext, id: string, graceSeconds: number): Promise<void>;
  /** Removes it with its anonymous volumes; `force` kills it first. */
  removeContainer(ctx: CallContext, id: string, options: { force: boolean }): Promise<void>;
  updateContainer(ctx: CallContext, id: string, resources: Resources): Promise<void>;
  /**
   * Looks for a path inside, mounts included, also in a container that was never started. NotFound when it is not there,
   * Internal when a mount can't be made.
   */
  findInContainer(ctx: CallContext, id: string, path: string): Promise<void>;
  /** What is at the path, as a tar archive; a symbolic link as a link. NotFound when there is nothing. */
  containerArchive(ctx: CallContext, id: string, path: string): Promise<Readable>;

  /**
   * The container's output from `since` on (seconds since 1970, with decimals), each entry with its time in front,
   * multiplexed unless it has a terminal. It goes on until the container or the context ends.
   */
  followLogs(ctx: CallContext, id: string, since: string | undefined): Promise<Readable>;

  createExec(ctx: CallContext, containerId: string, body: ExecCreate): Promise<string>;
  /** Starts it and answers the raw connection: multiplexed output (docker/demultiplexer.ts) unless `tty`. */
  startExec(ctx: CallContext, execId: string, options: { tty: boolean }): Promise<Duplex>;
  inspectExec(ctx: CallContext, execId: string): Promise<ExecInspect>;
  /** Sets the size of its terminal, in characters. */
  resizeExec(ctx: CallContext, execId: string, size: TerminalExtent): Promise<void>;

  /**
   * Joins the main process: answers the raw connection with what it writes from now on, multiplexed unless the
   * container has a terminal.
   */
  attachContainer(
    ctx: CallContext,
    id: string,
    options: { readonly stdin: boolean; readonly detachKeys: string },
  ): Promise<Duplex>;
  resizeContainer(ctx: CallContext, id: string, size: TerminalExtent): Promise<void>;

  listImages(ctx: CallContext): Promise<ImageSummary[]>;
  /** By id, tag or digest reference. */
  inspectImage(ctx: CallContext, reference: string): Promise<ImageInspect>;
  imageHistory(ctx: CallContext, reference: string): Promise<ImageHistoryEntry[]>;
  /** Lines of JSON (PullProgress), to the end of the pull; a failed pull says so in its last line. */
  pullImage(ctx: CallContext, reference: string, auth: RegistryAuth | undefined): Promise<Readable>;
  loadImage(ctx: CallContext, archive: Buffer): Promise<void>;
  /** Takes the tag or digest away; with the last one goes the image, its layers too. */
  removeImage(ctx: CallContext, reference: string): Promise<void>;
}
