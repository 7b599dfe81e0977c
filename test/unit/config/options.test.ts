import { CRI_DOCKERD_FLAGS } from '../../../src/config/cri-dockerd-flags';
import { OPTIONS, type Option } from '../../../src/config/options';

describe('the table', () => {
  const options: readonly Option[] = OPTIONS;

  it('names no option twice', () => {
    const names = [...options, ...CRI_DOCKERD_FLAGS].map(({ flag }) => flag);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(options.map((option) => [option.flag, option] as const))('%s takes its own default', (_flag, option) => {
    expect(option.fault?.(option.default)).toBeUndefined();
    expect(option.meaning).not.toBe('');
  });
});
