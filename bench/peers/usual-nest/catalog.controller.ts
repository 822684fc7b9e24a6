import { Controller, Get, Param, ParseUUIDPipe, Query, UseGuards } from '@nestjs/common';
import { CatalogService } from './catalog.service.js';
import { ListProductsDto, type ProductDetailDto, type ProductPageDto } from './catalog.dto.js';
import { JwtGuard } from './jwt.guard.js';

@Controller('products')
@UseGuards(JwtGuard)
export class CatalogController {
  constructor(private readonly catalog: CatalogService) {}

  @Get()
  list(@Query() query: ListProductsDto): Promise<ProductPageDto> {
    return this.catalog.list(query);
  }

  @Get(':id')
  get(@Param('id', ParseUUIDPipe) id: string): Promise<ProductDetailDto> {
    return this.catalog.get(id);
  }
}
