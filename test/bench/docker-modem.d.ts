/** The part of docker-modem that a bench compares with. */
declare module 'docker-modem' {
  import type { Readable, Writable } from 'node:stream';

  class Modem {
    demuxStream(from: Readable, stdout: Writable, stderr: Writable): void;
  }

  export = Modem;
}
