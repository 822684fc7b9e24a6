import { describe, expect, it } from 'vitest';
import { isSurvivable } from './unhandled.js';

const named = (name: string): Error => Object.assign(new Error('x'), { name });

describe('a rejection that nobody handled', () => {
  it.each([
    named('ReplyError'),
    named('MaxRetriesPerRequestError'),
    new Error('Connection is closed.'),
    new Error("Stream isn't writeable and enableOfflineQueue options is false"),
  ])('does not end the shop when it is Redis that refuses: %s', error => {
    expect(isSurvivable(error)).toBe(true);
  });

  it.each([new TypeError('x is undefined'), named('QueryFailedError'), 'a text', undefined])(
    'is a mistake of ours otherwise: %s',
    error => expect(isSurvivable(error)).toBe(false),
  );
});
