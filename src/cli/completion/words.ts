import type { Flag } from '../../config/flag';

/** What a shell is to offer for a flag's value. */
export type Offer = { readonly words: readonly string[] } | 'files' | 'directories' | 'nothing';

export function offerFor(flag: Flag): Offer {
  if (flag.words !== undefined) return { words: flag.words };
  if (flag.value === 'FILE') return 'files';
  return flag.value === 'DIR' || flag.value === 'DIRS' ? 'directories' : 'nothing';
}

/** The first words of what a flag means, short enough for a menu. */
export function inShort({ meaning }: Flag): string {
  return meaning.split(/[;:,(]/)[0]?.trimEnd() ?? '';
}
