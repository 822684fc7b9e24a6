/** At most `maxLength` characters, and none outside the Basic Multilingual Plane: WeChat refuses 4-byte UTF-8. */
export function plainText(text: string, maxLength: number): string {
  const plain = text.replace(/[\u{10000}-\u{10ffff}\p{Cc}\p{Cs}]/gu, '').trim();
  return plain.slice(0, maxLength);
}

/** Where WeChat Pay reports payments and refunds, unless `wechat.notifyUrl` says otherwise. */
export function ownNotifyUrl(publicBaseUrl: string): string {
  return `${publicBaseUrl}/api/v1/wechat/pay/notify`;
}
