import { readKernelFile } from '../host/kernel-file';

/** A mount, as proc(5) describes a line of /proc/[pid]/mountinfo. */
export interface MountInfo {
  /** The directory of the file system that is mounted. */
  readonly root: string;
  readonly mountPoint: string;
  readonly type: string;
  /** Such as `/dev/sda1`; something made up where no device is mounted. */
  readonly source: string;
  /** Options of the file system, not of the mount: `upperdir=…`, cgroup v1's controllers. */
  readonly superOptions: readonly string[];
}

/** The mounts of a process's namespace; none when it has ended. Read from the kernel, without asking any server. */
export function mountsSeenBy(pid: number | 'self'): MountInfo[] {
  return parseMountInfo(readKernelFile(`/proc/${pid}/mountinfo`) ?? '');
}

export function parseMountInfo(text: string): MountInfo[] {
  return text.split('\n').flatMap((line) => {
    const [mount = '', fileSystem] = line.split(' - ');
    const [, , , root, mountPoint] = mount.split(' ');
    if (root === undefined || mountPoint === undefined || fileSystem === undefined) return [];
    const [type = '', source = '', options = ''] = fileSystem.split(' ');
    const superOptions = options.split(',').map(unescapeOctal);
    return [
      {
        root: unescapeOctal(root),
        mountPoint: unescapeOctal(mountPoint),
        type,
        source: unescapeOctal(source),
        superOptions,
      },
    ];
  });
}

/** The mount that a path is on: of those at or above it the last, for it covers the others. */
export function mountOf(path: string, mounts: readonly MountInfo[]): MountInfo | undefined {
  const above = mounts.filter(({ mountPoint }) => `${path}/`.startsWith(mountPoint === '/' ? '/' : `${mountPoint}/`));
  return above.reduce<MountInfo | undefined>(
    (deepest, mount) => (mount.mountPoint.length >= (deepest?.mountPoint.length ?? 0) ? mount : deepest),
    undefined,
  );
}

/** Where a container whose root is an overlay keeps what it writes; undefined for other roots. */
export function overlayUpperDirectory(mounts: readonly MountInfo[]): string | undefined {
  const root = mounts.findLast((mount) => mount.mountPoint === '/' && mount.type === 'overlay');
  const upper = root?.superOptions.find((option) => option.startsWith('upperdir='))?.slice('upperdir='.length);
  // A relative one is relative to the directory that the engine was in as it mounted.
  return upper?.startsWith('/') ? upper : undefined;
}

/** Blanks and backslashes are written as three octal digits. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
