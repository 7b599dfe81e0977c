import fc from 'fast-check';
import type { ImageSpec } from '../../../generated/runtime/v1/api';
import {
  canonical,
  lookupText,
  parseReference,
  refersTo,
  requestedReference,
} from '../../../src/translate/image-reference';

const HEX = '0123456789abcdef'.repeat(4);
const DIGEST = `sha256:${HEX}`;

describe('a name', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox:latest'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36'],
    ['user/app', 'docker.io/user/app:latest'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['index.docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['index.docker.io/user/app:1', 'docker.io/user/app:1'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000', 'docker.io/library/localhost:5000'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
    ['Registry/app', 'Registry/app:latest'],
    ['127.0.0.1:443/a/b/c:T_1.x-', '127.0.0.1:443/a/b/c:T_1.x-'],
    ['[::1]:5000/app:1', '[::1]:5000/app:1'],
    ['a__b/c-_-d', undefined],
    ['a__b/c---d.e_f', 'docker.io/a__b/c---d.e_f:latest'],
    [`app@${DIGEST}`, `docker.io/library/app@${DIGEST}`],
    [`r.io/app:1@${DIGEST}`, `r.io/app@${DIGEST}`],
    [`r.io/app@sha512:${HEX}${HEX}`, `r.io/app@sha512:${HEX}${HEX}`],
    [`app:${'t'.repeat(128)}`, `docker.io/library/app:${'t'.repeat(128)}`],
    [HEX.slice(1), `docker.io/library/${HEX.slice(1)}:latest`],
  ])('%s is %s', (text, expected) => {
    if (expected === undefined) expect(() => parseReference(text)).toThrow('no image reference');
    else expect(canonical(parseReference(text))).toBe(expected);
  });

  it.each([
    ['', 'repository'],
    [' busybox', 'repository'],
    ['busy box', 'repository'],
    ['busybox\n', 'repository'],
    ['busybox\u0000', 'repository'],
    ['Busybox', 'lower case'],
    ['registry.example/App', 'lower case'],
    ['../etc/passwd', 'registry'],
    ['a/../b', 'repository'],
    ['a/./b', 'repository'],
    ['a//b', 'repository'],
    ['/a', 'repository'],
    ['a/', 'repository'],
    ['a..b', 'repository'],
    ['-a', 'repository'],
    ['a?tag=b', 'repository'],
    ['a#b', 'repository'],
    ['a%2e%2e', 'repository'],
    ['https://registry.example/app', 'registry'],
    ['bad_host.example/app', 'registry'],
    ['-bad.example/app', 'registry'],
    ['host:port/app', 'registry'],
    ['app:', 'tag'],
    ['app:.tag', 'tag'],
    ['app:a b', 'tag'],
    ['app:1:2', 'tag'],
    [`app:${'t'.repeat(129)}`, 'tag'],
    ['app@', 'digest'],
    ['app@sha256:abc', 'digest'],
    [`app@${DIGEST.toUpperCase()}`, 'digest'],
    [`app@md5:${HEX}`, 'digest'],
    [`app@${DIGEST}@${DIGEST}`, 'digest'],
    [`a/${'b'.repeat(255)}`, '255'],
    ['a'.repeat(5000), '1024'],
  ])('%j is refused, because of its %s', (text, part) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ kind: 'InvalidArgument' }));
    expect(() => parseReference(text)).toThrow(part);
  });
});

describe('an id', () => {
  it.each([
    [DIGEST, DIGEST],
    [HEX, DIGEST],
    ['sha256:0123abc', 'sha256:0123abc'],
  ])('%s is %s', (text, id) => {
    expect(parseReference(text)).toEqual({ kind: 'id', id });
  });

  it('may begin with a lone hexadecimal word, but not with one that has a tag', () => {
    expect(lookupText(parseReference('cafe'))).toBe('cafe');
    expect(lookupText(parseReference('cafe:latest'))).toBe('docker.io/library/cafe:latest');
    expect(lookupText(parseReference('coffee/cafe'))).toBe('docker.io/coffee/cafe:latest');
    expect(lookupText(parseReference('busybox'))).toBe('docker.io/library/busybox:latest');
  });
});

describe('refersTo', () => {
  const image = {
    id: DIGEST,
    repoTags: ['busybox:1', 'r.io/app:latest'],
    repoDigests: [`busybox@${DIGEST}`],
  };

  it.each([
    ['busybox:1', true],
    ['docker.io/library/busybox:1', true],
    ['busybox', false],
    ['r.io/app', true],
    ['app', false],
    [`busybox:9@${DIGEST}`, true],
    [`r.io/app@${DIGEST}`, false],
    [HEX, true],
    ['sha256:0123', true],
    ['0123', true],
    ['0123:latest', false],
    ['1234', false],
  ])('%s: %p', (text, expected) => {
    expect(refersTo(parseReference(text), image)).toBe(expected);
  });
});

describe('any text', () => {
  const character = fc.constantFrom(...'abz019AZ._-/:@[]#?% \n\u0000é');
  const texts = fc.oneof(fc.string(), fc.string({ unit: character, maxLength: 40 }));

  it('is refused with InvalidArgument, or is safe in the path of a URL and means the same when parsed again', () => {
    fc.assert(
      fc.property(texts, (text) => {
        let written: string;
        try {
          written = canonical(parseReference(text));
        } catch (error) {
          expect(error).toMatchObject({ kind: 'InvalidArgument' });
          return;
        }
        expect(written).toMatch(/^[\w./:@[\]-]+$/);
        expect(written.split('/')).not.toContain('..');
        expect(new URL(`http://docker/images/${written}/json`).pathname).toBe(`/images/${written}/json`);
        expect(canonical(parseReference(written))).toBe(written);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps its parts, when it is made of good ones', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,8})?$/);
    const registry = fc.constantFrom('localhost', 'registry.k8s.io', '127.0.0.1:5000');
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const tag = fc.stringMatching(/^\w[\w.-]{0,20}$/);
    fc.assert(
      fc.property(registry, path, tag, (host, repository, given) => {
        expect(parseReference(`${host}/${repository}:${given}`)).toEqual({
          kind: 'name',
          registry: host,
          repository: `${host}/${repository}`,
          tag: given,
          digest: undefined,
          shortId: undefined,
        });
      }),
    );
  });
});

it('a request without an image is told so', () => {
  const empty: ImageSpec = { image: '', annotations: {}, userSpecifiedImage: '', runtimeHandler: '', imageRef: '' };
  for (const image of [undefined, empty]) {
    expect(() => requestedReference(image)).toThrow(expect.objectContaining({ kind: 'InvalidArgument' }));
  }
});
