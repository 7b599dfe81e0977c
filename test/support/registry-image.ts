import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { tarArchive } from '../../src/sandbox/pause/tar-archive';

const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

/** An image as a registry keeps it: a manifest, and the configuration and one layer that it names by digest. */
export interface RegistryImage {
  readonly manifest: Buffer;
  readonly manifestDigest: string;
  readonly blobs: ReadonlyMap<string, Buffer>;
  readonly layerDigest: string;
}

/** An image of one random file of `bytes` bytes, unlike every other, for this machine's architecture. */
export function registryImage(options: { bytes?: number; config?: object } = {}): RegistryImage {
  const file = { name: 'content', mode: 0o444, content: randomBytes(options.bytes ?? 64) };
  const tar = tarArchive([file]);
  const layer = gzipSync(tar);
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      created: '2026-01-02T03:04:05Z',
      config: { Cmd: ['/content'], ...options.config },
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
      history: [{ created: '2026-01-02T03:04:05Z', created_by: 'a test' }],
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: descriptor('application/vnd.docker.container.image.v1+json', config),
      layers: [descriptor('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
    }),
  );
  return {
    manifest,
    manifestDigest: digestOf(manifest),
    blobs: new Map([config, layer].map((blob) => [digestOf(blob), blob])),
    layerDigest: digestOf(layer),
  };
}

export function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function descriptor(mediaType: string, blob: Buffer): object {
  return { mediaType, size: blob.length, digest: digestOf(blob) };
}
