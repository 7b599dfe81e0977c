import fc from 'fast-check';
import { parseConfigFile } from '../../../src/config/file';
import { printSettings } from '../../../src/config/print';
import { settle, type GivenValue } from '../../../src/config/settings';

it('says of each value where it comes from', () => {
  const text = printSettings(
    settle(
      [{ option: 'log-level', value: 'debug', from: '--log-level' }],
      [{ option: 'log-format', value: 'json', from: '/x.yaml:2' }],
    ),
  );
  expect(text).toMatch(/^log-level: debug +# --log-level$/m);
  expect(text).toMatch(/^log-format: json +# \/x\.yaml:2$/m);
  expect(text).toMatch(/^docker-endpoint: unix:\/\/\/var\/run\/docker\.sock +# default$/m);
});

it('is a configuration file that says the same', () => {
  const endpoint = fc.string({ unit: 'binary' }).map((name) => `fd://${name}`);
  const several = fc.array(endpoint, { minLength: 1, maxLength: 3 });
  const path = fc.string().map((text) => `/${text}`);
  fc.assert(
    fc.property(several, path, (endpoints, directory) => {
      const given: GivenValue[] = [
        ...endpoints.map((value) => ({ option: 'container-runtime-endpoint' as const, value, from: 'x' })),
        { option: 'root-directory', value: directory, from: 'x' },
      ];
      const settings = settle(given);
      const again = settle([], parseConfigFile(printSettings(settings), '/x.yaml'));
      const values = (all: typeof settings) => Object.values(all).map((setting) => setting.values);
      expect(values(again)).toEqual(values(settings));
    }),
  );
});
