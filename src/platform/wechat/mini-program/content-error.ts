import { AppError, type ErrorKind } from '../../../kernel/app-error.js';

/** WeChat checks a text only for somebody who has used the mini-program in the last two hours (61010). */
export class ShopperAway extends AppError {
  readonly kind: ErrorKind = 'unprocessable';
  readonly code = 'wechat.shopper_away';
  override readonly title = {
    zh: '请重新打开小程序后再试',
    en: 'Open the mini-program again and retry',
  };

  constructor() {
    super('the text was not checked: its author has not used the mini-program in the last two hours');
  }
}
