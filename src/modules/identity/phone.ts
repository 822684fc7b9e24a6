import type { PhoneNumber } from '../../platform/wechat/mini-program/mini-program-client.js';

/** `+86 13800138000`: country code and national number in the notation of ITU-T E.123, so that both can be told apart. */
export function phoneText({ countryCode, purePhoneNumber }: PhoneNumber): string {
  return `+${digits(countryCode)} ${digits(purePhoneNumber)}`;
}

/** `138****8000`: the national number without its middle; shorter numbers show less. */
export function maskPhone(phone: string): string {
  const number = phone.slice(phone.indexOf(' ') + 1);
  const head = Math.min(3, Math.max(0, number.length - 8));
  const tail = Math.min(4, Math.floor(number.length / 2));
  return `${number.slice(0, head)}****${number.slice(number.length - tail)}`;
}

function digits(text: string): string {
  return text.replace(/\D/g, '');
}
