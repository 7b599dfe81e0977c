import { mountOf, overlayUpperDirectory, parseMountInfo } from '../../../src/stats/mount-info';

const CGROUP = '33 28 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 master:1 - cgroup cgroup rw,cpu,cpuacct';
const OVERLAY =
  '500 400 0:52 / / rw,relatime - overlay overlay rw,lowerdir=/l/A:/l/B,upperdir=/d/u p/diff,workdir=/d/w';

test('a mount, whatever optional fields it has', () => {
  expect(parseMountInfo(`${CGROUP}\n`)).toEqual([
    {
      root: '/',
      mountPoint: '/sys/fs/cgroup/cpu,cpuacct',
      type: 'cgroup',
      source: 'cgroup',
      superOptions: ['rw', 'cpu', 'cpuacct'],
    },
  ]);
});

test('blanks are escaped', () => {
  const [mount] = parseMountInfo('1 2 0:3 /a\\040b /c\\134d rw - ext4 /dev/vda rw');

  expect(mount).toMatchObject({ root: '/a b', mountPoint: '/c\\d' });
});

test.each(['', 'garbage', '1 2 - ext4'])('nothing out of %j', (text) => {
  expect(parseMountInfo(text)).toEqual([]);
});

describe('the upper directory of the root', () => {
  const upper = (text: string) => overlayUpperDirectory(parseMountInfo(text));

  test.each([
    ['an overlay', OVERLAY.replace('u p', 'u\\040p'), '/d/u p/diff'],
    ['the last of two', `${OVERLAY.replace('u p', 'old')}\n${OVERLAY.replace('u p', 'new')}`, '/d/new/diff'],
    ['an overlay elsewhere', OVERLAY.replace(' / / ', ' / /mnt '), undefined],
    ['another file system', '5 4 0:52 / / rw - btrfs /dev/vda rw,upperdir=/x', undefined],
    ['a relative one', OVERLAY.replace('/d/u p', 'u'), undefined],
  ])('%s', (_what, text, directory) => {
    expect(upper(text)).toBe(directory);
  });
});

test.each([
  ['/', '/dev/root'],
  ['/var', '/dev/root'],
  ['/var/library', '/dev/root'],
  ['/var/lib', '/dev/lib'],
  ['/var/lib/docker', '/dev/lib'],
  ['/home/me', '/dev/new'],
])('the mount that %s is on', (path, source) => {
  const lines = [
    '1 0 8:1 / / rw - ext4 /dev/root rw',
    '2 1 8:2 / /var/lib rw - ext4 /dev/lib rw',
    '3 1 8:3 / /home rw - ext4 /dev/old rw',
    '4 3 8:4 / /home rw - ext4 /dev/new rw',
  ];

  expect(mountOf(path, parseMountInfo(lines.join('\n')))?.source).toBe(source);
});
