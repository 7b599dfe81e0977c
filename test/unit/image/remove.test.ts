import type { ImageInspect } from '../../../src/docker/types';
import { removeImage } from '../../../src/image/remove';
import { ShimError } from '../../../src/lib/errors';
import { aCall } from '../../support/a-call';

const OLD = `sha256:${'0'.repeat(64)}`;
const NEW = `sha256:${'1'.repeat(64)}`;

/** An engine's images by name, with Docker's refusal to remove by id what has names in several repositories. */
class Images {
  readonly names = new Map<string, string>();
  /** What others do while the image is being removed, at its first refusal. */
  meanwhile: () => void = () => undefined;
  users: string[] = [];
  /** References of images that containers have mounted. */
  mounted: string[] = [];
  /** Whether another image is built upon the old one. */
  hasChild = false;
  removals = 0;
  private readonly ids = new Set([OLD, NEW]);

  inspectImage(_ctx: unknown, reference: string): Promise<ImageInspect> {
    const id = this.names.get(reference) ?? reference;
    if (!this.ids.has(id)) return Promise.reject(new ShimError('NotFound', `No such image: ${reference}`));
    return Promise.resolve({ Id: id, RepoTags: this.namesOf(id), RepoDigests: [] } as unknown as ImageInspect);
  }

  removeImage(_ctx: unknown, reference: string): Promise<void> {
    const id = this.names.get(reference) ?? reference;
    this.removals += 1;
    const isLast = this.namesOf(id).length < 2;
    // By its id, Docker looks only at what containers are of; by its last name, also at what they have mounted.
    const isUsed = this.users.includes(id) || (id !== reference && this.isMounted(id));
    if (isLast && isUsed) {
      return Promise.reject(new ShimError('FailedPrecondition', 'image is being used by a container'));
    }
    if (this.hasChild) return Promise.reject(new ShimError('FailedPrecondition', 'image has dependent child images'));
    if (id === reference && !isLast) {
      this.meanwhile();
      this.meanwhile = () => undefined;
      return Promise.reject(new ShimError('FailedPrecondition', 'image is referenced in multiple repositories'));
    }
    if (id !== reference && !isLast) this.names.delete(reference);
    else {
      for (const name of this.namesOf(id)) this.names.delete(name);
      this.ids.delete(id);
    }
    return Promise.resolve();
  }

  listContainers(): Promise<never[]> {
    const mounts = this.mounted.map((Name) => ({ Names: ['/m'], ImageID: NEW, Mounts: [{ Type: 'image', Name }] }));
    const users = this.users.map((ImageID) => ({ Names: ['/u'], ImageID }));
    return Promise.resolve([...users, ...mounts] as never[]);
  }

  private isMounted(id: string): boolean {
    return this.mounted.some((mounted) => (this.names.get(mounted) ?? mounted) === id);
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  private namesOf(id: string): string[] {
    return [...this.names].filter(([, to]) => to === id).map(([name]) => name);
  }
}

let images: Images;

beforeEach(() => {
  images = new Images();
  images.names.set('r.io/a:1', OLD).set('r.io/b:1', OLD);
});

async function remove(name: string): Promise<void> {
  const request = { image: { image: name, annotations: {}, userSpecifiedImage: '', runtimeHandler: '', imageRef: '' } };
  await removeImage({ engine: images })(request, aCall().ctx);
}

it('removes an image with names in several repositories', async () => {
  await remove('r.io/a:1');
  expect([images.has(OLD), images.names.size]).toEqual([false, 0]);
});

it('leaves the image that a pull has given one of the names meanwhile', async () => {
  images.meanwhile = () => void images.names.set('r.io/b:1', NEW);
  await remove('r.io/a:1');
  expect([images.has(OLD), images.has(NEW), images.names.get('r.io/b:1')]).toEqual([false, true, NEW]);
});

it('removes the names too that the image was given meanwhile', async () => {
  images.meanwhile = () => void images.names.set('r.io/c:1', OLD).set('r.io/d:1', OLD);
  await remove('r.io/a:1');
  expect([images.has(OLD), images.names.size]).toEqual([false, 0]);
});

it('leaves an image in use its names', async () => {
  images.users = [OLD];
  await expect(remove('r.io/a:1')).rejects.toMatchObject({
    kind: 'FailedPrecondition',
    message: 'cannot remove image r.io/a:1: container u is of it, and has to be removed first',
  });
  expect([...images.names.keys()]).toEqual(['r.io/a:1', 'r.io/b:1']);
});

it.each([OLD, 'r.io/b:1'])('leaves an image its names that is mounted as %s', async (mounted) => {
  images.mounted = [mounted];
  await expect(remove('r.io/a:1')).rejects.toMatchObject({
    kind: 'FailedPrecondition',
    message: 'cannot remove image r.io/a:1: container m has it mounted, and has to be removed first',
  });
  expect([...images.names.keys()]).toEqual(['r.io/a:1', 'r.io/b:1']);
});

it.each([OLD, 'r.io/a:1'])('leaves an image with one name that is mounted as %s', async (mounted) => {
  images.names.delete('r.io/b:1');
  images.mounted = [mounted];
  await expect(remove('r.io/a:1')).rejects.toMatchObject({ kind: 'FailedPrecondition' });
  expect([...images.names.keys()]).toEqual(['r.io/a:1']);
});

it.each(['users', 'mounted'] as const)('leaves an image its names that got %s at the first refusal', async (kind) => {
  images.meanwhile = () => void images[kind].push(OLD);
  await expect(remove('r.io/a:1')).rejects.toMatchObject({ kind: 'FailedPrecondition' });
  expect([...images.names.keys()]).toEqual(['r.io/a:1', 'r.io/b:1']);
});

it('removes an image beside one that is mounted', async () => {
  images.mounted = [NEW, 'r.io/none:1'];
  await remove('r.io/a:1');
  expect([images.has(OLD), images.has(NEW)]).toEqual([false, true]);
});

it('says what it was about when a name cannot be taken away', async () => {
  images.removeImage = (_ctx, reference) =>
    Promise.reject(new ShimError(reference === OLD ? 'FailedPrecondition' : 'Internal', 'no'));
  await expect(remove('r.io/a:1')).rejects.toMatchObject({
    kind: 'Internal',
    message: 'cannot remove image r.io/a:1: no',
  });
});

it('asks once when Docker refuses for another reason than names', async () => {
  images.names.delete('r.io/b:1');
  images.hasChild = true;
  await expect(remove('r.io/a:1')).rejects.toMatchObject({ kind: 'FailedPrecondition' });
  expect(images.removals).toBe(1);
});

it('asks once for an image without a name, too', async () => {
  images.names.clear();
  images.hasChild = true;
  await expect(remove(OLD)).rejects.toMatchObject({ kind: 'FailedPrecondition' });
  expect(images.removals).toBe(1);
});
