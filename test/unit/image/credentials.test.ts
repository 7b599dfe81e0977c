import fc from 'fast-check';
import { AuthConfig } from '../../../generated/runtime/v1/api';
import { isMeantFor, registryAuth } from '../../../src/image/credentials';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const auth = (given: Partial<AuthConfig>): AuthConfig => AuthConfig.fromPartial(given);

describe('registryAuth', () => {
  it.each<[string, Partial<AuthConfig>, object]>([
    ['user and password', { username: 'jo', password: 'pw' }, { username: 'jo', password: 'pw' }],
    ['auth', { auth: base64('jo:p:w') }, { username: 'jo', password: 'p:w' }],
    ['auth with NULs', { auth: base64('jo:pw\0\0') }, { username: 'jo', password: 'pw' }],
    ['auth unpadded', { auth: base64('jo:pw1').replace(/=+$/, '') }, { username: 'jo', password: 'pw1' }],
    ['auth in lines', { auth: `${base64('jo:pw')}\n` }, { username: 'jo', password: 'pw' }],
    ['auth without a password', { auth: base64('jo:') }, { username: 'jo', password: '' }],
    ['both, the user first', { username: 'a', password: 'b', auth: '!' }, { username: 'a', password: 'b' }],
    ['an identity token', { identityToken: 'id' }, { identitytoken: 'id' }],
    ['a registry token', { registryToken: 'reg' }, { registrytoken: 'reg' }],
  ])('takes %s, and says which registry it is for', (_form, given, expected) => {
    expect(registryAuth(auth(given), 'r.io')).toEqual({ ...expected, serveraddress: 'r.io' });
    expect(registryAuth(auth(given), 'docker.io')).toMatchObject({ serveraddress: 'https://index.docker.io/v1/' });
  });

  it('is nothing when nothing is given', () => {
    expect(registryAuth(undefined, 'r.io')).toBeUndefined();
    expect(registryAuth(auth({ serverAddress: 'r.io' }), 'r.io')).toBeUndefined();
  });

  it.each(['!secret!', 'abcde', base64('secret'), 'secret:'])('refuses %j, and keeps it to itself', (text) => {
    const take = (): unknown => registryAuth(auth({ auth: text }), 'r.io');
    expect(take).toThrow(expect.objectContaining({ kind: 'InvalidArgument' }));
    expect(take).not.toThrow(text);
  });

  it('takes every account out of its packing again', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !text.includes(':'));
    const word = fc.string().filter((text) => !text.endsWith('\0'));
    fc.assert(
      fc.property(name, word, (username, password) => {
        const packed = auth({ auth: base64(`${username}:${password}`) });
        expect(registryAuth(packed, 'r.io')).toEqual({ username, password, serveraddress: 'r.io' });
      }),
    );
  });
});

describe('isMeantFor', () => {
  it.each([
    ['', 'r.io', true],
    ['r.io', 'r.io', true],
    ['R.io', 'r.io', true],
    ['https://r.io/v2/', 'r.io', true],
    ['http://localhost:5000', 'localhost:5000', true],
    ['https://index.docker.io/v1/', 'docker.io', true],
    ['docker.io', 'docker.io', true],
    ['r.io', 'r.io:443', false],
    ['https://r.io.evil.example/', 'r.io', false],
    ['evil.example/r.io', 'r.io', false],
    ['r.io', 'docker.io', false],
  ])('%j for %s: %p', (server, registry, expected) => {
    expect(isMeantFor(server, registry)).toBe(expected);
  });
});
