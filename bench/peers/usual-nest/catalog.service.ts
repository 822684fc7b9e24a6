import { Injectable, NotFoundException } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ProductDetailDto, ProductPageDto, type ListProductsDto } from './catalog.dto.js';
import { Product } from './entities.js';

@Injectable()
export class CatalogService {
  constructor(private readonly dataSource: DataSource) {}

  async list({ limit }: ListProductsDto): Promise<ProductPageDto> {
    const products = await this.dataSource.getRepository(Product).find({
      where: { status: 'on_sale' },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: limit + 1,
    });
    return new ProductPageDto(products, limit);
  }

  async get(id: string): Promise<ProductDetailDto> {
    const product = await this.dataSource.getRepository(Product).findOne({
      where: { id, status: 'on_sale' },
      relations: { skus: { stock: true } },
      order: { skus: { position: 'ASC', id: 'ASC' } },
    });
    if (!product) throw new NotFoundException();
    return new ProductDetailDto(product);
  }
}
