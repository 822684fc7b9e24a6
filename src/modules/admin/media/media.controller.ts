import { Controller, Post } from '@nestjs/common';
import { ApiTags } from '../../../platform/http/documented.js';
import { PictureBody, TakesPicture } from '../../../platform/http/input/picture-body.js';
import { RequiresPermission } from '../../../platform/http/requires-permission.decorator.js';
import { Returns } from '../../../platform/http/returns.decorator.js';
import { CurrentActor, type Actor } from '../session/actor.js';
import { mediaView, type MediaView } from './media.schema.js';
import { MediaService } from './media.service.js';

@Controller('admin/media')
@ApiTags('admin')
export class AdminMediaController {
  constructor(private readonly media: MediaService) {}

  @Post()
  @RequiresPermission('goods.write')
  @TakesPicture()
  @Returns(201, mediaView, 'kept under the hash of its bytes: the same picture has the same path')
  storePicture(@CurrentActor() actor: Actor, @PictureBody() bytes: Buffer): Promise<MediaView> {
    return this.media.store(actor, bytes);
  }
}
