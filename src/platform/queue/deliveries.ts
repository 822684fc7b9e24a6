/** One job of one event. */
export interface DeliveryId {
  readonly eventId: string;
  readonly job: string;
}

/** Where every delivery is written down until it is done: what the queue loses is brought again. */
export abstract class Deliveries {
  /** The job has taken effect. Repeatable. */
  abstract acknowledge(delivery: DeliveryId): Promise<void>;

  /** The job has been tried as often as it may be: it is put aside, for a person to look at and to redrive. */
  abstract bury(delivery: DeliveryId, error: unknown, attempts: number): Promise<void>;
}
