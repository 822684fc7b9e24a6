/** Shoppers with a session at one server. They are the same people at every server, because WeChat says who they are. */
export interface Shopper {
  readonly authorization: string;
  readonly userId: string;
}

const parallel = 16;

export function openidOf(index: number): string {
  return `bench-shopper-${index}`;
}

export async function mintLoginCodes(sandboxUrl: string, count: number, people: number): Promise<string[]> {
  return inParallel(count, async index => {
    const { code } = await post(`${sandboxUrl}/__sandbox/login-codes`, { openid: openidOf(index % people) });
    return String(code);
  });
}

export async function logIn(url: string, sandboxUrl: string, count: number): Promise<Shopper[]> {
  const codes = await mintLoginCodes(sandboxUrl, count, count);
  return inParallel(count, async index => {
    const answer = await post(`${url}/api/v1/auth/wechat`, { code: codes[index] });
    const { accessToken, user } = answer as { accessToken: string; user: { id: string } };
    return { authorization: `Bearer ${accessToken}`, userId: user.id };
  });
}

/** The address of each, made where there is an address book. */
export function addAddresses(url: string, shoppers: readonly Shopper[]): Promise<string[]> {
  return inParallel(shoppers.length, async index => {
    const { authorization } = shoppers[index]!;
    const { id } = await post(`${url}/api/v1/addresses`, address, { authorization });
    return String(id);
  });
}

const address = {
  userName: '陈晓明',
  telNumber: '13800138000',
  provinceName: '广东省',
  cityName: '深圳市',
  countyName: '南山区',
  detailInfo: '科技园路 1 号',
};

async function post(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
  const answer = await fetch(url, { ...init, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`POST ${url} answers ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

async function inParallel<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const runner = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) results[index] = await work(index);
  };
  await Promise.all(Array.from({ length: parallel }, runner));
  return results;
}
