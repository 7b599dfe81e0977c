import { ShimError } from '../../../lib/errors';

const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d{1,2})|([KMGTPE]i|[numkMGTPE]))?$/;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/**
 * The value of a Kubernetes quantity (`10M`, `1.5Gi`, `1e6`), rounded up to a whole number.
 * @throws ShimError InvalidArgument when it is none.
 */
export function parseQuantity(text: string): bigint {
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = QUANTITY.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '' || text.length > 64) {
    throw new ShimError('InvalidArgument', `${JSON.stringify(text.slice(0, 64))} is no quantity such as 10M`);
  }
  const digits = BigInt(whole + fraction);
  const binary = BINARY.indexOf(suffix);
  const power = exponent === undefined ? (DECIMAL.indexOf(suffix) - 3) * 3 : Number(exponent.slice(1));
  const tens = (binary > 0 ? 0 : power) - fraction.length;
  const above = digits * (binary > 0 ? 1024n ** BigInt(binary) : 1n) * 10n ** BigInt(Math.max(tens, 0));
  const below = 10n ** BigInt(Math.max(-tens, 0));
  return sign === '-' ? -(above / below) : (above + below - 1n) / below;
}
