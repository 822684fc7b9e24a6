import { describe, expect, it } from 'vitest';
import type { Transactor } from '../../../platform/database/transactor.js';
import type { MiniProgramClient } from '../../../platform/wechat/mini-program-client.js';
import { LoginCodeRefused } from '../../../platform/wechat/wechat-error.js';
import type { WechatConfig } from '../../../platform/wechat/wechat.config.js';
import { authConfig } from '../identity.fixture.js';
import type { UserRepository } from '../user.repository.js';
import { LogIn } from './log-in.js';
import type { LoginCodeRepository, SpentCode } from './login-code.repository.js';
import { LoginReplay } from './login-replay.js';
import type { SessionService } from './session.service.js';

const answer = { accessToken: 'a', refreshToken: 'r', expiresInSeconds: 900, user: { id: 'u' } };

/** The codes that the shop finds spent, one answer a question; the last one repeats. */
function logIn(
  errcode: number,
  found: readonly (SpentCode | null)[],
): { useCase: LogIn; asked: () => number } {
  let asked = 0;
  const codes = {
    find: async () => found[Math.min(asked++, found.length - 1)] ?? null,
  } as unknown as LoginCodeRepository;
  const client = {
    codeToSession: () => Promise.reject(new LoginCodeRefused(errcode)),
  } as unknown as MiniProgramClient;
  const replays = new LoginReplay(codes, authConfig({ AUTH_LOGIN_REPLAY_WAIT: '300ms' }));
  const unused = {} as never as Transactor & UserRepository & SessionService;
  return {
    useCase: new LogIn({ appId: 'wx1' } as WechatConfig, client, unused, unused, unused, replays),
    asked: () => asked,
  };
}

describe('log in', () => {
  it('answers a code used by a twin still under way with the answer of the twin', async () => {
    const { useCase } = logIn(40163, [null, null, { answer: JSON.stringify(answer) }]);
    await expect(useCase.execute('code')).resolves.toEqual(answer);
  });

  it('does not keep an unknown code waiting', async () => {
    const { useCase, asked } = logIn(40029, [null]);
    await expect(useCase.execute('code')).rejects.toMatchObject({ code: 'auth.wechat_code_refused' });
    expect(asked()).toBe(1);
  });

  it('does not wait for a twin that is known to have finished long ago', async () => {
    const { useCase, asked } = logIn(40163, [null, {}]);
    await expect(useCase.execute('code')).rejects.toMatchObject({ code: 'auth.wechat_code_refused' });
    expect(asked()).toBe(2);
  });

  it('gives up on a twin that never comes', async () => {
    const { useCase, asked } = logIn(40163, [null]);
    await expect(useCase.execute('code')).rejects.toMatchObject({ code: 'auth.wechat_code_refused' });
    expect(asked()).toBeGreaterThan(2);
  });
});
