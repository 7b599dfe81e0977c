/** The part of dockerode that the shim calls. Options carry `_query` and `_body` apart: see modem.ts. */
declare module 'dockerode' {
  import type { Duplex, Readable } from 'node:stream';

  interface Options {
    readonly _query?: Record<string, unknown>;
    readonly _body?: unknown;
    readonly abortSignal?: AbortSignal;
  }

  interface Container {
    inspect(options: Options): Promise<unknown>;
    start(options: Options): Promise<unknown>;
    stop(options: Options): Promise<unknown>;
    remove(options: Options): Promise<unknown>;
    update(options: Options): Promise<unknown>;
  }

  interface Exec {
    start(options: Options & { hijack: true }): Promise<Duplex>;
    inspect(options: Options): Promise<unknown>;
  }

  interface Image {
    inspect(options: Options): Promise<unknown>;
    remove(options: Options): Promise<unknown>;
  }

  class Docker {
    constructor(options: { modem: unknown });
    version(options: Options): Promise<unknown>;
    info(options: Options): Promise<unknown>;
    listContainers(options: Options): Promise<unknown>;
    getContainer(id: string): Container;
    getExec(id: string): Exec;
    listImages(options: Options): Promise<unknown>;
    getImage(reference: string): Image;
    createImage(auth: object | undefined, options: Options): Promise<Readable>;
    loadImage(archive: Buffer, options: Options): Promise<Readable>;
  }

  export = Docker;
}
