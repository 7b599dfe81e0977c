import { execFileSync } from 'node:child_process';

/** What is built, for `dockershim --version`: `faef431 of 2026-11-22`, with a word when files differ from that commit. */
export function builtFrom(root) {
  const git = (...args) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const commit = git('log', '-1', '--format=%h of %cs');
    return git('status', '--porcelain') === '' ? commit : `${commit}, changed`;
  } catch {
    // From an archive of the sources, or without git.
    return 'sources outside git';
  }
}
