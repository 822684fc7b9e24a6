import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Cacheable } from '../../platform/http/cacheable.decorator.js';
import { Public } from '../../platform/http/public.decorator.js';
import { Returns } from '../../platform/http/returns.decorator.js';
import { homeView } from './storefront.schema.js';
import { StorefrontService } from './storefront.service.js';

@Public()
@ApiTags('storefront')
@Controller('home')
export class StorefrontController {
  constructor(private readonly storefront: StorefrontService) {}

  @Get()
  @Cacheable(30)
  @Returns(200, homeView, 'all that the first screen shows')
  getHome() {
    return this.storefront.getHome();
  }
}
