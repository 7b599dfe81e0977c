import { invalid } from './checks';

/**
 * @throws ShimError InvalidArgument for a name or value that is more than one sysctl: runtimes have taken `+` and line
 * ends in a value for the next setting (CVE-2022-0811).
 */
export function checkSysctls(sysctls: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(sysctls)) {
    if (!/^[a-zA-Z0-9_-]+([./][a-zA-Z0-9_*-]+)+$/.test(name)) {
      throw invalid('linux.sysctls', `has no proper name in ${JSON.stringify(name)}`);
    }
    if (!/^[^\u0000-\u0008\u000a-\u001f\u007f+]*$/.test(value)) {
      throw invalid(`linux.sysctls ${name}`, `has a character that a sysctl can't have: ${JSON.stringify(value)}`);
    }
  }
}
