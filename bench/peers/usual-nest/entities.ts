import {
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';

export interface Spec {
  readonly name: string;
  readonly value: string;
}

@Entity('products')
export class Product {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'category_id' }) categoryId!: string;
  @Column('text') name!: string;
  @Column('text', { nullable: true }) subtitle!: string | null;
  @Column('text', { nullable: true }) description!: string | null;
  @Column('text', { name: 'image_paths', array: true }) imagePaths!: string[];
  @Column('integer', { name: 'price_fen' }) priceFen!: number;
  @Column('integer', { name: 'market_price_fen', nullable: true }) marketPriceFen!: number | null;
  @Column('integer') sales!: number;
  @Column('text') status!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @OneToMany(() => Sku, sku => sku.product) skus!: Relation<Sku>[];
}

@Entity('skus')
export class Sku {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') name!: string;
  @Column('jsonb') specs!: Spec[];
  @Column('integer', { name: 'price_fen' }) priceFen!: number;
  @Column('text', { name: 'image_path', nullable: true }) imagePath!: string | null;
  @Column('integer') position!: number;
  @Column('text') status!: string;
  @ManyToOne(() => Product, product => product.skus)
  @JoinColumn({ name: 'product_id' })
  product!: Relation<Product>;
  @OneToOne(() => StockItem, stock => stock.sku) stock!: Relation<StockItem> | null;
}

@Entity('stock_items')
export class StockItem {
  @PrimaryColumn('uuid', { name: 'sku_id' }) skuId!: string;
  @Column('integer', { name: 'on_hand' }) onHand!: number;
  @Column('integer') reserved!: number;
  @OneToOne(() => Sku, sku => sku.stock) @JoinColumn({ name: 'sku_id' }) sku!: Relation<Sku>;
}

@Entity('stock_reservations')
export class StockReservation {
  @PrimaryColumn('text') reference!: string;
  @PrimaryColumn('uuid', { name: 'sku_id' }) skuId!: string;
  @Column('integer') quantity!: number;
}

@Entity('stock_ledger')
export class StockMovement {
  @PrimaryColumn('text') reference!: string;
  @PrimaryColumn('uuid', { name: 'sku_id' }) skuId!: string;
  @PrimaryColumn('text') kind!: string;
  @Column('integer') quantity!: number;
  @Column('integer', { name: 'on_hand_delta' }) onHandDelta!: number;
  @Column('integer', { name: 'reserved_delta' }) reservedDelta!: number;
}

@Entity('users')
export class User {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column('text', { name: 'app_id' }) appId!: string;
  @Column('text') openid!: string;
  @Column('bytea', { name: 'session_key_sealed' }) sessionKey!: Buffer;
  @Column('text', { nullable: true }) nickname!: string | null;
  @Column('text', { name: 'avatar_url', nullable: true }) avatarUrl!: string | null;
}

@Entity('sessions')
export class Session {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @ManyToOne(() => User) @JoinColumn({ name: 'user_id' }) user!: Relation<User>;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
}

@Entity('refresh_tokens')
export class RefreshToken {
  @PrimaryColumn('bytea', { name: 'token_hash' }) tokenHash!: Buffer;
  @ManyToOne(() => Session) @JoinColumn({ name: 'session_id' }) session!: Relation<Session>;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
}

@Entity('addresses')
export class Address {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'user_id' }) userId!: string;
  @Column('text', { name: 'user_name' }) userName!: string;
  @Column('text', { name: 'tel_number' }) telNumber!: string;
  @Column('text', { name: 'province_name' }) provinceName!: string;
  @Column('text', { name: 'city_name' }) cityName!: string;
  @Column('text', { name: 'county_name' }) countyName!: string;
  @Column('text', { name: 'detail_info' }) detailInfo!: string;
  @Column('text', { name: 'postal_code', nullable: true }) postalCode!: string | null;
  @Column('text', { name: 'national_code', nullable: true }) nationalCode!: string | null;
}

@Entity('cart_items')
export class CartItem {
  @PrimaryColumn('uuid', { name: 'user_id' }) userId!: string;
  @PrimaryColumn('uuid', { name: 'sku_id' }) skuId!: string;
  @Column('integer') quantity!: number;
  @CreateDateColumn({ type: 'timestamptz', name: 'added_at' }) addedAt!: Date;
  @ManyToOne(() => Sku) @JoinColumn({ name: 'sku_id' }) sku!: Relation<Sku>;
}

@Entity('orders')
export class Order {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column('text') number!: string;
  @Column('uuid', { name: 'user_id' }) userId!: string;
  @Column('text') status!: string;
  @Column('integer', { name: 'items_fen' }) itemsFen!: number;
  @Column('integer', { name: 'freight_fen' }) freightFen!: number;
  @Column('integer', { name: 'discount_fen' }) discountFen!: number;
  @Column('integer', { name: 'total_fen' }) totalFen!: number;
  @Column('jsonb') address!: object;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @OneToMany(() => OrderItem, item => item.order, { cascade: true }) items!: Relation<OrderItem>[];
}

@Entity('order_items')
export class OrderItem {
  @ManyToOne(() => Order, order => order.items) @JoinColumn({ name: 'order_id' }) order!: Relation<Order>;
  @PrimaryColumn('uuid', { name: 'order_id' }) orderId!: string;
  @PrimaryColumn('integer') line!: number;
  @Column('uuid', { name: 'sku_id' }) skuId!: string;
  @Column('uuid', { name: 'product_id' }) productId!: string;
  @Column('text', { name: 'product_name' }) productName!: string;
  @Column('text', { name: 'sku_name' }) skuName!: string;
  @Column('jsonb') specs!: Spec[];
  @Column('text', { name: 'image_url' }) imageUrl!: string;
  @Column('integer', { name: 'price_fen' }) priceFen!: number;
  @Column('integer') quantity!: number;
  @Column('integer', { name: 'total_fen' }) totalFen!: number;
}

@Entity('payments')
export class Payment {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column('text') reference!: string;
  @Column('integer', { name: 'amount_fen' }) amountFen!: number;
  @Column('text', { name: 'payer_openid' }) payerOpenid!: string;
  @Column('text', { name: 'prepay_request' }) prepayRequest!: string;
}

export const entities = [
  Product,
  Sku,
  StockItem,
  StockReservation,
  StockMovement,
  User,
  Session,
  RefreshToken,
  Address,
  CartItem,
  Order,
  OrderItem,
  Payment,
];
