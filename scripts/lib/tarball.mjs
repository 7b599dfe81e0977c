import { runQuietly } from './command.mjs';
import { ownPaths } from './package-tree.mjs';

/**
 * Makes a tarball of a staged tree, to be unpacked at /; the owner is root, whoever made it. A directory that the node has
 * anyway is not in it: tar would give it the mode and the owner of the tree's.
 */
export async function makeTarball(tree, target) {
  const options = ['--owner=0', '--group=0', '--numeric-owner', '--no-recursion'];
  const names = ownPaths(tree).map((name) => `./${name}`);
  await runQuietly('tar', ['-C', tree, ...options, '-czf', target, ...names]);
}
