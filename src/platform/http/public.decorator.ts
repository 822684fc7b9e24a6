import { SetMetadata } from '@nestjs/common';

export const publicKey = 'minnow:public';

/** No token needed on this route or controller. A token that is sent is verified all the same. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(publicKey, true);
