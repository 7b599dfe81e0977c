import { CRI_DOCKERD_FLAGS } from '../../../src/config/cri-dockerd-flags';
import { OPTIONS } from '../../../src/config/options';
import { settle } from '../../../src/config/settings';

describe('the table', () => {
  it('names no option twice', () => {
    const names = [...OPTIONS, ...CRI_DOCKERD_FLAGS].map(({ flag }) => flag);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(OPTIONS.map((option) => [option.flag, option] as const))('%s takes its own default', (_flag, option) => {
    const given = { option: option.flag, value: option.default, from: `--${option.flag}` };
    expect(() => settle([given])).not.toThrow();
    expect(option.meaning).not.toBe('');
  });
});
