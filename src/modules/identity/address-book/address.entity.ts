import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'addresses' })
export class AddressEntity {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'user_id' })
  readonly userId!: string;

  @Column('text', { name: 'user_name' })
  readonly userName!: string;

  @Column('text', { name: 'tel_number' })
  readonly telNumber!: string;

  @Column('text', { name: 'province_name' })
  readonly provinceName!: string;

  @Column('text', { name: 'city_name' })
  readonly cityName!: string;

  @Column('text', { name: 'county_name' })
  readonly countyName!: string;

  @Column('text', { name: 'detail_info' })
  readonly detailInfo!: string;

  @Column('text', { name: 'postal_code', nullable: true })
  readonly postalCode!: string | null;

  @Column('text', { name: 'national_code', nullable: true })
  readonly nationalCode!: string | null;

  @Column('boolean', { name: 'is_default' })
  readonly isDefault!: boolean;
}
