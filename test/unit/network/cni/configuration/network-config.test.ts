import fc from 'fast-check';
import { ShimError } from '../../../../../src/lib/errors';
import { parseNetworkList, parseSinglePlugin } from '../../../../../src/network/cni/configuration/network-config';
import { refusal } from '../../../../support/refusal';

const LIST = { name: 'pods', cniVersion: '0.4.0', plugins: [{ type: 'bridge' }] };

it('reads a list', () => {
  const capabilities = { portMappings: true, dns: false };
  const text = JSON.stringify({ ...LIST, disableCheck: true, plugins: [{ type: 'portmap', capabilities, mtu: 9 }] });
  expect(parseNetworkList(text)).toEqual({
    name: 'pods',
    cniVersion: '0.4.0',
    disableCheck: true,
    disableGc: false,
    plugins: [{ type: 'portmap', capabilities: ['portMappings'], fields: { type: 'portmap', capabilities, mtu: 9 } }],
    text,
  });
});

it('reads a single plugin as a list of one', () => {
  const single = { name: 'pods', cniVersion: '0.3.1', type: 'ptp', mtu: 9 };
  const network = parseSinglePlugin(JSON.stringify(single));
  expect(network).toMatchObject({ name: 'pods', cniVersion: '0.3.1', plugins: [{ type: 'ptp', fields: single }] });
  expect(parseNetworkList(network.text)).toEqual(network);
});

it.each([
  ['the one it states', { cniVersion: '1.0.0' }, '1.0.0'],
  ['the first when it states none', { cniVersion: undefined }, '0.1.0'],
  ['the newest that is known of several', { cniVersion: '0.4.0', cniVersions: ['1.0.0', '9.0.0'] }, '1.0.0'],
  ['one of several without a single one', { cniVersion: undefined, cniVersions: ['1.1.0', '1.0.0'] }, '1.1.0'],
])('has as its version %s', (_, fields, version) => {
  expect(parseNetworkList(JSON.stringify({ ...LIST, ...fields })).cniVersion).toBe(version);
});

it.each([
  [true, true],
  ['true', true],
  ['True', true],
  [false, false],
  ['FALSE', false],
  [undefined, false],
])('takes %j as a switch for %j, as libcni does', (value, on) => {
  const read = parseNetworkList(JSON.stringify({ ...LIST, disableCheck: value, disableGC: value }));
  expect(read).toMatchObject({ disableCheck: on, disableGc: on });
});

it.each([
  ['it is no JSON', '{"name":'],
  ['it must be a JSON object', '[]'],
  ['its "name" must match', JSON.stringify({ ...LIST, name: '../etc' })],
  ['its "name" must match', JSON.stringify({ ...LIST, name: undefined })],
  ['its "plugins" must be a list', JSON.stringify({ ...LIST, plugins: undefined })],
  ['its "plugins" must be a list', JSON.stringify({ ...LIST, plugins: [] })],
  ['plugin 1 must be a JSON object', JSON.stringify({ ...LIST, plugins: ['bridge'] })],
  ['plugin 1 needs a "type"', JSON.stringify({ ...LIST, plugins: [{}] })],
  ['plugin 1 needs a "type"', JSON.stringify({ ...LIST, plugins: [{ type: '../../bin/sh' }] })],
  ['its "disableCheck" must be true or false, not "yes"', JSON.stringify({ ...LIST, disableCheck: 'yes' })],
  ['its "disableGC" must be true or false, not 1', JSON.stringify({ ...LIST, disableGC: 1 })],
  ['its "disableGC" must be true or false, not null', JSON.stringify({ ...LIST, disableGC: null })],
  ['its version 2.0.0 is unknown', JSON.stringify({ ...LIST, cniVersion: '2.0.0' })],
])('says %s', (words, text) => {
  expect(refusal(() => parseNetworkList(text))).toContain(`InvalidArgument: ${words}`);
});

it('says that a list in a file for a single plugin has the wrong name', () => {
  expect(refusal(() => parseSinglePlugin(JSON.stringify(LIST)))).toContain('rename it to .conflist');
});

it('reads or refuses whatever the file has in it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      for (const parse of [parseNetworkList, parseSinglePlugin]) {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ShimError);
        }
      }
    }),
  );
});
