import { describe, expect, it } from 'vitest';
import type { Transactor } from '../../../platform/database/transactor.js';
import type { MiniProgramClient } from '../../../platform/wechat/mini-program/mini-program-client.js';
import { LoginCodeRefused } from '../../../platform/wechat/wechat-error.js';
import type { WechatConfig } from '../../../platform/wechat/wechat.config.js';
import { authConfig } from '../identity.fixture.js';
import type { UserRepository } from '../user.repository.js';
import type { AnsweredRequest, AuthAnswerRepository } from './auth-answer.repository.js';
import { AuthReplay } from './auth-replay.js';
import { LogIn } from './log-in.js';
import type { SessionService } from './session.service.js';

const answer = '{"accessToken":"a"}';

interface Attempt {
  readonly useCase: LogIn;
  /** How often the shop looked for an earlier answer. */
  readonly looked: () => number;
}

/** What the shop finds about the code, one finding a question; the last one repeats. WeChat refuses it. */
function logIn(errcode: number, found: readonly (AnsweredRequest | null)[]): Attempt {
  let looked = 0;
  const answers = {
    find: async () => found[Math.min(looked++, found.length - 1)] ?? null,
  } as unknown as AuthAnswerRepository;
  const client = {
    codeToSession: () => Promise.reject(new LoginCodeRefused(errcode)),
  } as unknown as MiniProgramClient;
  const replays = new AuthReplay(answers, authConfig({ AUTH_LOGIN_REPLAY_WAIT: '300ms' }));
  const unused = {} as never as Transactor & UserRepository & SessionService;
  return {
    useCase: new LogIn({ appId: 'wx1' } as WechatConfig, client, unused, unused, unused, replays),
    looked: () => looked,
  };
}

describe('log in', () => {
  it('answers a code used by a twin still under way with the answer of the twin', async () => {
    const { useCase } = logIn(40163, [null, null, { answer }]);
    await expect(useCase.execute('code')).resolves.toEqual({ status: 200, body: answer, replayed: true });
  });

  it('does not keep an unknown code waiting', async () => {
    const { useCase, looked } = logIn(40029, [null]);
    await expect(useCase.execute('code')).rejects.toMatchObject({ code: 'auth.wechat_code_refused' });
    expect(looked()).toBe(1);
  });

  it('does not wait for a twin that is known to have finished long ago', async () => {
    const { useCase, looked } = logIn(40163, [null, {}]);
    await expect(useCase.execute('code')).rejects.toMatchObject({ code: 'auth.wechat_code_refused' });
    expect(looked()).toBe(2);
  });

  it('gives its own answer again to a code that WeChat no longer knows', async () => {
    const { useCase, looked } = logIn(40029, [{ answer }]);
    await expect(useCase.execute('code')).resolves.toEqual({ status: 200, body: answer, replayed: true });
    expect(looked()).toBe(1);
  });

  it('gives up on a twin that never comes', async () => {
    const { useCase, looked } = logIn(40163, [null]);
    await expect(useCase.execute('code')).rejects.toMatchObject({ code: 'auth.wechat_code_refused' });
    expect(looked()).toBeGreaterThan(2);
  });
});
