import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { PauseArchitecture } from '../../../../src/sandbox/pause/image-archive';
import { BUILT_IN_PAUSE_IMAGE, pauseImageArchive, pauseImageConfig } from '../../../../src/sandbox/pause/image-archive';

const ARCHITECTURES: PauseArchitecture[] = ['amd64', 'arm64'];

function tar(args: string[], input: Buffer): Buffer {
  return execFileSync('tar', args, { input });
}

function extract(archive: Buffer, name: string): Buffer {
  return tar(['-xOf', '-', name], archive);
}

describe.each(ARCHITECTURES)('the built-in pause image for %s', (architecture) => {
  const archive = pauseImageArchive(architecture);
  const manifest: unknown = JSON.parse(extract(archive, 'manifest.json').toString());
  const layer = extract(archive, 'layer.tar');

  it('holds what its manifest names, and nothing else', () => {
    const names = tar(['-tf', '-'], archive).toString().trimEnd().split('\n');

    expect(names).toEqual(['manifest.json', 'config.json', 'layer.tar']);
    expect(manifest).toEqual([{ Config: 'config.json', RepoTags: [BUILT_IN_PAUSE_IMAGE], Layers: ['layer.tar'] }]);
  });

  it('has the configuration that callers check, with the digest of its layer', () => {
    const config: unknown = JSON.parse(extract(archive, 'config.json').toString());

    expect(config).toEqual(pauseImageConfig(architecture));
    expect(config).toMatchObject({
      architecture,
      os: 'linux',
      created: '1970-01-01T00:00:00Z',
      config: { User: '65535:65535', Entrypoint: ['/pause'] },
      rootfs: { diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
    });
  });

  it('has one layer with /pause alone, executable by every user and writable by none', () => {
    const entry = tar(['-tvf', '-', '--numeric-owner'], layer).toString();

    expect(entry).toMatch(/^-r-xr-xr-x 0\/0 .* pause\n$/);
  });

  it('is the same bytes every time', () => {
    expect(pauseImageArchive(architecture).equals(archive)).toBe(true);
  });
});

it('keeps the architectures apart', () => {
  const [amd64, arm64] = ARCHITECTURES.map((architecture) => pauseImageConfig(architecture).rootfs.diff_ids);

  expect(amd64).not.toEqual(arm64);
});
