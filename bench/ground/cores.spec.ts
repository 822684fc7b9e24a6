import { describe, expect, it } from 'vitest';
import { allowedCores } from './cores.ts';

describe('cores', () => {
  it.each([
    ['0-1', [0, 1]],
    ['0-2,5', [0, 1, 2, 5]],
    ['3', [3]],
  ])('are those that this process may use, not those that the machine has: %s', (list, cores) => {
    expect(allowedCores(`Name:\tnode\nCpus_allowed_list:\t${list}\nMems_allowed:\t1\n`)).toEqual(cores);
  });

  it('are none when the kernel says nothing', () => {
    expect(allowedCores('Name:\tnode\n')).toEqual([]);
  });
});
