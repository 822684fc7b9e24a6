import {
  createParamDecorator,
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { createVerifier } from 'fast-jwt';

interface GuardedRequest {
  readonly headers: { readonly authorization?: string };
  userId?: string;
}

/** The signature decides: nobody is asked whether the session still exists. */
@Injectable()
export class JwtGuard implements CanActivate {
  private readonly verify = createVerifier({ key: process.env['AUTH_JWT_SECRET'], algorithms: ['HS256'] });

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    const token = request.headers.authorization?.replace(/^Bearer /, '');
    if (!token) throw new UnauthorizedException();
    try {
      request.userId = (this.verify(token) as { sub: string }).sub;
      return true;
    } catch {
      throw new UnauthorizedException();
    }
  }
}

export const UserId = createParamDecorator((_: unknown, context: ExecutionContext) =>
  String(context.switchToHttp().getRequest<GuardedRequest>().userId),
);
