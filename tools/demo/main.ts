/** `npm run demo`: one shopper's journey against the running shop. Exit code 1 when any step fails. */
import { send, StepFailed, type Peer } from './client.ts';
import { Journey, yuan } from './journey.ts';
import { Narrator } from './narrator.ts';
import type { Order } from './views.ts';

const { MINNOW_URL, PORT = '', SANDBOX_PORT = '' } = process.env;

const shop: Peer = {
  url: MINNOW_URL || `http://127.0.0.1:${PORT || 3000}`,
  absent: 'start the shop first: npm start (PORT or MINNOW_URL say where it is)',
};
const phone: Peer = {
  url: `http://127.0.0.1:${SANDBOX_PORT || 7070}`,
  absent:
    'the demo needs the WeChat stand-in that npm start brings while no WECHAT_* variable is set (SANDBOX_PORT)',
};

function receipt({ number, status, amounts }: Order): string {
  const { itemsFen, freightFen, discountFen, totalFen } = amounts;
  const parts = `items ${yuan(itemsFen)} + freight ${yuan(freightFen)} - discount ${yuan(discountFen)}`;
  return `\nOrder ${number} is ${status}: ${parts} = ${yuan(totalFen)}`;
}

try {
  const narrator = new Narrator();
  await send(shop, { method: 'GET', path: '/ping', expected: 200 });
  console.log(`A shopper visits ${shop.url}\n`);
  narrator.begin();
  console.log(receipt(await new Journey(narrator, shop, phone).play()));
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  console.error(`\nFAILED at ${error.message}`);
  process.exitCode = 1;
}
