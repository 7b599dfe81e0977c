import { SecurityProfile_ProfileType as ProfileType, type SecurityProfile } from '../../../generated/runtime/v1/api';
import { checkNoControl, invalid } from '../checks';

/** In front of a profile's name in the fields that `SecurityProfile` has replaced; accepted there too. */
const LOCALHOST = 'localhost/';

/**
 * A seccomp or AppArmor profile. One of a kind that is not known, or without a name, must never come to mean none.
 * @throws ShimError InvalidArgument, naming the field.
 */
export function checkProfile(field: string, profile: SecurityProfile | undefined): void {
  if (profile === undefined) return;
  const { profileType, localhostRef } = profile;
  if (ProfileType[profileType] === undefined) throw invalid(`${field}.profile_type`, `is unknown: ${profileType}`);
  if (profileType !== ProfileType.Localhost) {
    if (localhostRef !== '') throw invalid(`${field}.localhost_ref`, 'needs the profile_type Localhost');
    return;
  }
  if (localhostRef === '' || localhostRef === LOCALHOST) throw invalid(`${field}.localhost_ref`, 'is missing');
  checkNoControl(`${field}.localhost_ref`, localhostRef);
}

export function withoutLocalhost(reference: string): string {
  return reference.startsWith(LOCALHOST) ? reference.slice(LOCALHOST.length) : reference;
}
