import type { Image, ImageSpec } from '../../generated/runtime/v1/api';
import { ShimError, whileDoing } from '../lib/errors';

/**
 * How an image is named, in the grammar of github.com/distribution/reference with Docker's defaults: no registry is
 * docker.io, one word there is in `library/`, neither tag nor digest is `latest`.
 *
 * INVARIANT: what a parsed reference is written back to has letters, digits and `._-:/@[]` only, and no `..`, so it can
 * stand in a URL's path as it is.
 */
export type ImageReference = ImageId | ImageName;

export interface ImageId {
  readonly kind: 'id';
  /** `sha256:` and 1 to 64 hexadecimal digits; fewer than 64 are the beginning of an id. */
  readonly id: string;
}

export interface ImageName {
  readonly kind: 'name';
  /** Of the repository: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** With its registry: `docker.io/library/busybox`. */
  readonly repository: string;
  /** `latest` unless given. Ignored beside a digest. */
  readonly tag: string;
  readonly digest: string | undefined;
  /** Set for a lone hexadecimal word: it is a name first, but may be the beginning of an id. */
  readonly shortId: string | undefined;
}

/** Above the longest registry, path, tag and digest together. */
const LONGEST = 1024;
const LONGEST_PATH = 255;
const DEFAULT_REGISTRY = 'docker.io';

const ID = /^(?:sha256:)?([0-9a-f]{64})$/;
const ID_BEGINNING = /^sha256:[0-9a-f]{1,63}$/;
const SHORT_ID = /^[0-9a-f]{1,63}$/;
const REGISTRY =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const PATH_PART = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

/** @throws ShimError InvalidArgument for what is no reference. */
export function parseReference(text: string): ImageReference {
  if (text.length > LONGEST) throw malformed(text, `it is longer than ${LONGEST} characters`);
  const whole = ID.exec(text)?.[1];
  if (whole !== undefined) return { kind: 'id', id: `sha256:${whole}` };
  if (ID_BEGINNING.test(text)) return { kind: 'id', id: text };
  return parseName(text);
}

/** @throws ShimError InvalidArgument, naming the field, for what is no reference. */
export function checkImageReference(field: string, text: string): void {
  try {
    parseReference(text);
  } catch (error) {
    throw whileDoing(field, error);
  }
}

/** The reference that a request carries. @throws ShimError InvalidArgument when there is none or it is malformed. */
export function requestedReference(image: ImageSpec | undefined): ImageReference {
  if (image === undefined || image.image === '') {
    throw new ShimError('InvalidArgument', 'image.image is missing: give a name with a tag or digest, or an id');
  }
  return parseReference(image.image);
}

/** The one way to write a name: with registry, and the digest or else the tag. An id stays as it is. */
export function canonical(reference: ImageReference): string {
  if (reference.kind === 'id') return reference.id;
  const { repository, tag, digest } = reference;
  return digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
}

/**
 * What Docker is asked for to find the image. Only a lone hexadecimal word is passed on as it came, for Docker to try
 * as a name and then as the beginning of an id; a name with its tag, as the kubelet sends it, is never taken for an id.
 */
export function lookupText(reference: ImageReference): string {
  return reference.kind === 'name' && reference.shortId !== undefined ? reference.shortId : canonical(reference);
}

/** Whether the reference leads to the image, by what Docker says of it. */
export function refersTo(reference: ImageReference, image: Pick<Image, 'id' | 'repoTags' | 'repoDigests'>): boolean {
  if (reference.kind === 'id') return image.id.startsWith(reference.id);
  const wanted = canonical(reference);
  const names = reference.digest === undefined ? image.repoTags : image.repoDigests;
  if (names.some((name) => qualified(name) === wanted)) return true;
  return reference.shortId !== undefined && image.id.startsWith(`sha256:${reference.shortId}`);
}

function parseName(text: string): ImageName {
  const [named = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) {
    throw malformed(text, 'after "@" there must be a digest: sha256: and 64 hexadecimal digits in lower case');
  }
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag)) {
    throw malformed(text, 'a tag is 1 to 128 letters, digits, "_", "." and "-", and starts with none of the last two');
  }
  const repository = qualified(name);
  const registry = repository.slice(0, repository.indexOf('/'));
  checkRepository(text, registry, repository.slice(registry.length + 1));
  const shortId = SHORT_ID.test(text) ? text : undefined;
  return { kind: 'name', registry, repository, tag: tag ?? 'latest', digest, shortId };
}

/**
 * A name, with or without tag and digest, as Docker completes it. The first part is a registry when it has a dot, a
 * port or a capital, or is `localhost`.
 */
function qualified(name: string): string {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isRegistry = /[.:A-Z]/.test(first) || first === 'localhost';
  const registry = !isRegistry || first === 'index.docker.io' ? DEFAULT_REGISTRY : first;
  const path = isRegistry ? name.slice(slash + 1) : name;
  return registry === DEFAULT_REGISTRY && !path.includes('/') ? `${registry}/library/${path}` : `${registry}/${path}`;
}

function checkRepository(text: string, registry: string, path: string): void {
  if (!REGISTRY.test(registry)) throw malformed(text, 'its registry is no host name with an optional port');
  if (path.length > LONGEST_PATH) throw malformed(text, `its repository is longer than ${LONGEST_PATH} characters`);
  if (path.split('/').every((part) => PATH_PART.test(part))) return;
  const why = /[A-Z]/.test(path)
    ? 'a repository is written in lower case'
    : 'a repository is made of lower-case letters and digits, with single ".", "_" or "-" between them';
  throw malformed(text, why);
}

function malformed(text: string, why: string): ShimError {
  return new ShimError('InvalidArgument', `${JSON.stringify(text.slice(0, 200))} is no image reference: ${why}`);
}
