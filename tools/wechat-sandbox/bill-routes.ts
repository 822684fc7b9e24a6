import type { BillRequest, Bills, BillType } from './bills.ts';
import type { Route, SandboxRequest } from './http.ts';
import { PayError, payReply } from './pay-error.ts';
import type { PayReply } from './pay-error.ts';

const types: readonly string[] = ['ALL', 'SUCCESS', 'REFUND'];
const download = '/v3/billdownload/file';

export function billRoutes(bills: Bills): readonly Route<PayReply>[] {
  return [
    {
      method: 'GET',
      path: '/v3/bill/tradebill',
      handle: request => {
        const { token, sha1 } = bills.offer(readRequest(request));
        const download_url = `http://${request.headers.host}${download}?token=${token}`;
        return payReply(200, { hash_type: 'SHA1', hash_value: sha1, download_url });
      },
    },
    {
      method: 'GET',
      path: download,
      handle: ({ query }) => ({
        status: 200,
        headers: { 'content-type': 'application/octet-stream' },
        body: bills.file(query.get('token') ?? ''),
        finerNumber: 0,
        unsigned: true,
      }),
    },
  ];
}

function readRequest({ query }: SandboxRequest): BillRequest {
  const [date, type, tar] = [
    query.get('bill_date') ?? '',
    query.get('bill_type') ?? 'ALL',
    query.get('tar_type'),
  ];
  if (!isDay(date)) throw queryError('bill_date', date, 'must be a day such as 2026-11-22');
  if (!types.includes(type)) throw queryError('bill_type', type, `must be one of ${types.join(', ')}`);
  if (tar !== null && tar !== 'GZIP') throw queryError('tar_type', tar, 'must be GZIP');
  return { date, type: type as BillType, zipped: tar !== null };
}

function isDay(date: string): boolean {
  const ms = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(date) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

function queryError(field: string, value: string, issue: string): PayError {
  return new PayError('PARAM_ERROR', `${field} ${issue}`, { field, value, issue, location: 'query' });
}
