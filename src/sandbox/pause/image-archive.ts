import { createHash } from 'node:crypto';
import { PAUSE_AMD64, PAUSE_ARM64 } from './binaries';
import { tarArchive } from './tar-archive';

/**
 * The built-in pause image's name in Docker. `.invalid` never resolves (RFC 6761 §6.4), so no registry can serve an
 * image by this name. A change of what is in the image takes a new tag: nodes keep the old one until then.
 */
export const BUILT_IN_PAUSE_IMAGE = 'dockershim.invalid/pause:1';

/** As Docker names it: `Arch` of its version, `Architecture` of an image. */
export type PauseArchitecture = 'amd64' | 'arm64';

/** The image configuration of the OCI image specification, as far as this image has one. */
export interface PauseImageConfig {
  readonly created: string;
  readonly architecture: PauseArchitecture;
  readonly os: 'linux';
  readonly config: { readonly User: string; readonly Entrypoint: readonly string[] };
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
  readonly history: readonly { readonly created: string; readonly created_by: string }[];
}

/** The built-in pause image as the archive that `docker load` (POST /images/load) takes; the same bytes every time. */
export function pauseImageArchive(architecture: PauseArchitecture): Buffer {
  const manifest = [{ Config: 'config.json', RepoTags: [BUILT_IN_PAUSE_IMAGE], Layers: ['layer.tar'] }];
  return tarArchive([
    { name: 'manifest.json', mode: 0o444, content: json(manifest) },
    { name: 'config.json', mode: 0o444, content: json(pauseImageConfig(architecture)) },
    { name: 'layer.tar', mode: 0o444, content: layer(architecture) },
  ]);
}

/**
 * What an image named BUILT_IN_PAUSE_IMAGE must be. Docker's inspect shows `rootfs.diff_ids` as `RootFS.Layers`, which
 * tells the image with every image store; the image's ID doesn't, because containerd's store takes it from a manifest.
 */
export function pauseImageConfig(architecture: PauseArchitecture): PauseImageConfig {
  const created = '1970-01-01T00:00:00Z';
  return {
    created,
    architecture,
    os: 'linux',
    config: { User: '65535:65535', Entrypoint: ['/pause'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer(architecture))}`] },
    history: [{ created, created_by: 'dockershim: built-in pause' }],
  };
}

function layer(architecture: PauseArchitecture): Buffer {
  return tarArchive([{ name: 'pause', mode: 0o555, content: pauseBinary(architecture) }]);
}

function pauseBinary(architecture: PauseArchitecture): Buffer {
  return Buffer.from(architecture === 'amd64' ? PAUSE_AMD64 : PAUSE_ARM64, 'base64');
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
