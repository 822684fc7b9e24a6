import { PasswordWeak } from '../admin.errors.js';

export const minPasswordLength = 12;
export const maxPasswordLength = 128;

/** What lists of leaked passwords begin with, however they go on. */
const typed = /passw|qwert|asdf|zxcv|abcd|1234|4321|letmein|iloveyou|welcome|admin|minnow|changeme|woaini/i;
const minDistinct = 6;

/** Length does most of it; the rest is what people choose when they are asked for length. @throws PasswordWeak */
export function assertStrong(password: string, username: string): void {
  const reason = weaknessOf(password.normalize('NFKC').toLowerCase(), username);
  if (reason !== null) throw new PasswordWeak({ reason });
}

function weaknessOf(password: string, username: string): string | null {
  const length = Array.from(password).length;
  if (length < minPasswordLength || length > maxPasswordLength) return 'length';
  if (new Set(password).size < minDistinct) return 'repetitive';
  if (password.includes(username)) return 'contains_username';
  return typed.test(password) ? 'common' : null;
}
