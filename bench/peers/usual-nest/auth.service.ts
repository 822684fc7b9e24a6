import { createHash, randomBytes } from 'node:crypto';
import { Injectable, UnauthorizedException } from '@nestjs/common';
import { createSigner } from 'fast-jwt';
import { DataSource } from 'typeorm';
import { LoginAnswerDto } from './auth.dto.js';
import { RefreshToken, Session, User } from './entities.js';

const ttlSeconds = 43_200;
const sessionMs = 30 * 86_400_000;

interface WechatSession {
  readonly openid?: string;
  readonly session_key?: string;
}

@Injectable()
export class AuthService {
  private readonly sign = createSigner({
    key: process.env['AUTH_JWT_SECRET'],
    algorithm: 'HS256',
    expiresIn: ttlSeconds * 1_000,
  });

  constructor(private readonly dataSource: DataSource) {}

  async logIn(code: string): Promise<LoginAnswerDto> {
    const wechat = await codeToSession(code);
    if (!wechat.openid || !wechat.session_key) throw new UnauthorizedException();
    const user = await this.saveUser(wechat.openid, wechat.session_key);
    const expiresAt = new Date(Date.now() + sessionMs);
    const session = await this.dataSource.getRepository(Session).save({ user, expiresAt });
    const refreshToken = randomBytes(32).toString('base64url');
    const tokenHash = createHash('sha256').update(refreshToken).digest();
    // Its key is its own: `save()` would look for it first.
    await this.dataSource.getRepository(RefreshToken).insert({ tokenHash, session, expiresAt });
    const accessToken = this.sign({ sub: user.id, sid: session.id });
    return new LoginAnswerDto(accessToken, refreshToken, ttlSeconds, user);
  }

  private async saveUser(openid: string, sessionKey: string): Promise<User> {
    const users = this.dataSource.getRepository(User);
    const appId = process.env['WECHAT_APP_ID'] ?? '';
    const user = (await users.findOneBy({ appId, openid })) ?? users.create({ appId, openid });
    user.sessionKey = Buffer.from(sessionKey);
    return users.save(user);
  }
}

async function codeToSession(code: string): Promise<WechatSession> {
  const url = new URL('/sns/jscode2session', process.env['WECHAT_API_BASE_URL']);
  url.searchParams.set('appid', process.env['WECHAT_APP_ID'] ?? '');
  url.searchParams.set('secret', process.env['WECHAT_APP_SECRET'] ?? '');
  url.searchParams.set('js_code', code);
  url.searchParams.set('grant_type', 'authorization_code');
  const answer = await fetch(url);
  return (await answer.json()) as WechatSession;
}
