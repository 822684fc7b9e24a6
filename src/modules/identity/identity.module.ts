import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { DatabaseModule } from '../../platform/database/database.module.js';
import { Admission } from '../../platform/http/cached/admission.js';
import { WechatModule } from '../../platform/wechat/wechat.module.js';
import { AddressController } from './address-book/address.controller.js';
import { AddressEntity } from './address-book/address.entity.js';
import { AddressRepository } from './address-book/address.repository.js';
import { AddressService } from './address-book/address.service.js';
import { DataCipher } from './data-cipher.js';
import { DerivedKeys } from './derived-keys.js';
import { IdentityRetention } from './identity-retention.js';
import { AddressBook, Shoppers, SigningKeys } from './identity.contract.js';
import { BindPhone } from './profile/bind-phone.js';
import { ProfileController } from './profile/profile.controller.js';
import { ProfileService } from './profile/profile.service.js';
import { AccessTokenSigner } from './session/access-token.js';
import { AuthAnswerRepository } from './session/auth-answer.repository.js';
import { AuthController } from './session/auth.controller.js';
import { AuthGuard } from './session/auth.guard.js';
import { AuthReplay } from './session/auth-replay.js';
import { LogIn } from './session/log-in.js';
import { RefreshSession } from './session/refresh-session.js';
import { SessionCache } from './session/session-cache.js';
import { VerifiedTokens } from './session/verified-tokens.js';
import { SessionRepository } from './session/session.repository.js';
import { SessionService } from './session/session.service.js';
import { UserRepository } from './user.repository.js';

/**
 * Identity: who the shopper is (users, sessions, refresh tokens) and where to send it (addresses).
 * Promise: no route without a valid access token of an active session unless it is `@Public()`; a reused refresh token
 * ends its session; no nickname is stored that WeChat has not passed; session keys and the user's phone number are encrypted at rest, and neither ever leaves;
 * addresses of one user do not exist for another. Calls WeChat's mini-program API; offers `Shoppers`, `AddressBook` and
 * `SigningKeys`.
 */
@Module({
  imports: [WechatModule, DatabaseModule.forFeature(AddressEntity)],
  controllers: [AuthController, ProfileController, AddressController],
  providers: [
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: Admission, useClass: AuthGuard },
    DataCipher,
    UserRepository,
    AccessTokenSigner,
    SessionRepository,
    SessionCache,
    VerifiedTokens,
    SessionService,
    AuthAnswerRepository,
    AuthReplay,
    LogIn,
    RefreshSession,
    ProfileService,
    BindPhone,
    AddressRepository,
    AddressService,
    IdentityRetention,
    { provide: Shoppers, useExisting: ProfileService },
    { provide: AddressBook, useExisting: AddressService },
    { provide: SigningKeys, useClass: DerivedKeys },
  ],
  exports: [Admission, Shoppers, AddressBook, SigningKeys],
})
export class IdentityModule {}
