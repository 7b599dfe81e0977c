import { ShimError } from '../lib/errors';
import { SHELLS } from './commands';
import { bashCompletion } from './completion/bash';
import { fishCompletion } from './completion/fish';
import { zshCompletion } from './completion/zsh';

/**
 * The completion script of a shell.
 * @throws ShimError InvalidArgument for another shell.
 */
export function completion(shell: string | undefined): string {
  if (shell === 'bash') return bashCompletion();
  if (shell === 'zsh') return zshCompletion();
  if (shell === 'fish') return fishCompletion();
  throw new ShimError('InvalidArgument', `completion is for ${SHELLS.join(', ')}: dockershim completion bash`);
}
