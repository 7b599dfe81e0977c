import { SecurityProfile_ProfileType as ProfileType, type SecurityProfile } from '../../../generated/runtime/v1/api';
import { checkNoControl, invalid, unimplemented } from '../checks';
import { withoutLocalhost } from './profile';

export type AppArmor =
  | { readonly kind: 'engine default' }
  | { readonly kind: 'unconfined' }
  | { readonly kind: 'profile'; readonly name: string };

/**
 * What CRI asks of AppArmor; undefined when it says nothing. The profile field wins over the string that it has
 * replaced, which has the values of the annotation before that: `runtime/default`, `unconfined`, `localhost/<profile>`.
 * @throws ShimError InvalidArgument for another string.
 */
export function appArmorWish(profile: SecurityProfile | undefined, deprecated: string): AppArmor | undefined {
  switch (profile?.profileType) {
    case ProfileType.RuntimeDefault:
      return { kind: 'engine default' };
    case ProfileType.Unconfined:
      return { kind: 'unconfined' };
    case ProfileType.Localhost:
      return { kind: 'profile', name: withoutLocalhost(profile.localhostRef) };
    default:
  }
  switch (deprecated) {
    case '':
      return undefined;
    case 'runtime/default':
      return { kind: 'engine default' };
    case 'unconfined':
      return { kind: 'unconfined' };
    default:
      return { kind: 'profile', name: deprecatedName(deprecated) };
  }
}

function deprecatedName(deprecated: string): string {
  checkNoControl('apparmor_profile', deprecated);
  const name = withoutLocalhost(deprecated);
  if (name !== deprecated && name !== '') return name;
  const given = JSON.stringify(deprecated);
  throw invalid('apparmor_profile', `must be runtime/default, unconfined or localhost/<profile>, not ${given}`);
}

/** @throws ShimError Unimplemented where the engine can't confine a process that is to be confined. */
export function checkAppArmor(field: string, wish: AppArmor | undefined, engineHasAppArmor: boolean): void {
  if (wish === undefined || wish.kind === 'unconfined' || engineHasAppArmor) return;
  throw unimplemented(field, 'this Docker Engine has no AppArmor: leave it out, or use a node that has it');
}

/** Nothing said is Docker's own profile, and none for a privileged container. */
export function appArmorOption(wish: AppArmor | undefined): string[] {
  switch (wish?.kind) {
    case 'unconfined':
      return ['apparmor=unconfined'];
    case 'profile':
      return [`apparmor=${wish.name}`];
    default:
      return [];
  }
}
