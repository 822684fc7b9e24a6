import { Controller, Get } from '@nestjs/common';
import { Cached } from '../../platform/http/cached/cached.decorator.js';
import { ApiTags } from '../../platform/http/documented.js';
import { Public } from '../../platform/http/public.decorator.js';
import { Returns } from '../../platform/http/returns.decorator.js';
import { catalogTags } from '../catalog/catalog.contract.js';
import { homeView } from './storefront.schema.js';
import { StorefrontService } from './storefront.service.js';

@Public()
@ApiTags('storefront')
@Controller('home')
export class StorefrontController {
  constructor(private readonly storefront: StorefrontService) {}

  @Get()
  @Cached({
    name: 'storefront.home',
    maxAgeSeconds: 30,
    ttlMs: 30_000,
    staleMs: 30_000,
    errorMs: 600_000,
    tags: () => [catalogTags.categories, catalogTags.products],
  })
  @Returns(200, homeView, 'all that the first screen shows')
  getHome() {
    return this.storefront.getHome();
  }
}
